-- name: over
-- What was ended before its time, or taken away, stands in the log by whoever did it.
update emergency e set end_noted = true
  from (select x.id from emergency x where not x.end_noted and x.valid_until <= now()
         order by x.valid_until limit $1 for update skip locked) due
 where e.id = due.id
returning e.id, e.person_id, e.project_id, e.document_id, e.grant_id, e.valid_until,
          e.ended_at is null and e.grant_id is not null as by_itself

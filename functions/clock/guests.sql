-- name: due
-- Whose stay ends within the first reminder's days, by whom nothing was told yet of the nearest; or whose sponsor has gone.
select g.project_id, g.person_id, g.sponsor_id, g.valid_until, g.reminded,
       s.valid_until <= now() and g.told_without is distinct from g.sponsor_id as alone
  from project_guest g join person s on s.id = g.sponsor_id
 where g.ended_at is null
   and (g.valid_until < now() + make_interval(days => $1) and (g.valid_until <= now() or g.reminded < 2)
        or s.valid_until <= now() and g.told_without is distinct from g.sponsor_id)
   and (g.project_id, g.person_id) > ($2, $3)
 order by g.project_id, g.person_id limit $4

-- name: lock
select g.project_id, g.person_id, g.sponsor_id, g.valid_until, g.reminded,
       s.valid_until <= now() and g.told_without is distinct from g.sponsor_id as alone
  from project_guest g join person s on s.id = g.sponsor_id
 where g.project_id = $1 and g.person_id = $2 and g.ended_at is null for update of g

-- name: reminded
update project_guest set reminded = $3 where project_id = $1 and person_id = $2

-- name: told_without
update project_guest set told_without = sponsor_id where project_id = $1 and person_id = $2

-- name: ended
update project_guest set ended_at = now() where project_id = $1 and person_id = $2

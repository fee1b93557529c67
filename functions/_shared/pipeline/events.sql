-- name: mark
-- What is older than every living endpoint need not be read: the log may be long when the first one is made.
select greatest((m.data->>'seq')::bigint, (select min(w.from_seq) from webhook w where w.ended_at is null)) as seq
  from clock_mark m where m.name = 'events' for update of m

-- name: next
select max(seq) as seq from (select seq from audit where seq > $1 order by seq limit 1000) a

-- name: tell
-- Each act for each endpoint that wants its type; $3 and $4: acts and their types. While an endpoint rests what it misses is
-- kept, to be told when it is back; one that was switched off or has gone misses nothing.
insert into webhook_delivery (webhook_id, audit_seq, type, state, reason)
select w.id, a.seq, e.type,
       case w.state when 'on' then 'waiting' else 'failed' end, case w.state when 'on' then null else w.state end
  from audit a
  join unnest($3::text[], $4::text[]) e (action, type) on e.action = a.action
  join webhook w on w.ended_at is null and w.state in ('on', 'resting')
                and a.seq > w.from_seq and e.type = any(w.types)
                and (w.projects = '{}' or a.project_id = any(w.projects))
 where a.seq > $1 and a.seq <= $2
on conflict do nothing

-- name: set_mark
update clock_mark set at = now(), data = jsonb_build_object('seq', $1::bigint) where name = 'events'

-- name: wake
-- One job an endpoint at a time: whoever does not answer keeps one place busy, never all of them.
select job_add('webhook', jsonb_build_object('webhook_id', w.id), w.id::text, w.id::text)
  from webhook w
 where w.ended_at is null
   and exists (select from webhook_delivery d
                where d.webhook_id = w.id and d.state = 'waiting' and d.next_at <= now()
                  and (d.audit_seq is null or (w.state = 'on' and coalesce(w.quiet_until <= now(), true))))

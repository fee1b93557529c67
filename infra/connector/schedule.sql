-- name: alive
-- The clock's own work is done: by this who looks after the portal sees that one does it at all.
insert into clock_mark (name, at) values ('connector', now())
on conflict (name) do update set at = excluded.at where clock_mark.at < now() - interval '10 seconds'

-- name: due
-- Takes the current slot of a periodic act, once among all connectors: one row if it was still free.
insert into clock_mark (name, at)
values ($1, case $2 when 'minute' then date_trunc('minute', now())
                    when 'hour' then date_trunc('hour', now())
                    else date_trunc('day', now() - interval '2 hours') + interval '2 hours' end)   -- the night: 02:00 UTC
on conflict (name) do update set at = excluded.at where clock_mark.at < excluded.at
returning at

-- name: add
select job_add('clock', jsonb_build_object('act', $1::text), '', $1::text)

-- name: ask_scanner
select job_add('scanner', '{}', '', 'scanner')

-- name: no_scanner
-- There is none any more: nobody waits for it, and nobody is told that it is away.
update clock_mark set data = '{}' where name = 'scanner'

-- name: news
-- The log has acts that concern somebody (or has grown far beyond where it was read for that): they are told.
select job_add('notices', '{}', '', 'notices')
  from clock_mark m
 where m.name = 'notices'
   and exists (select from audit a where a.seq > (m.data->>'seq')::bigint and a.action = any($1)
               union all
               (select from audit a where a.seq > (m.data->>'seq')::bigint offset 500 limit 1))

-- name: digests
-- Mail is due: one job a person. One that waits for a mail server keeps its entries, so the next ones get a job after it.
select job_add('digest', jsonb_build_object('person_id', due.person_id), '', due.person_id::text)
  from (select distinct person_id from notice where mail_at <= now() and mail_job is null) due

-- name: events
-- Somebody's endpoint may want to know of it (or the log has grown far beyond where it was read for that).
select job_add('events', '{}', '', 'events')
  from clock_mark m,
       lateral (select min(w.from_seq) as seq from webhook w where w.ended_at is null) born
 where m.name = 'events' and born.seq is not null
   and (exists (select from audit a where a.seq > greatest((m.data->>'seq')::bigint, born.seq) and a.action = any($1))
        or exists (select from audit a where a.seq > greatest((m.data->>'seq')::bigint, born.seq) offset 500 limit 1))

-- name: automations
-- A rule may wait for it (or the log has grown far beyond where it was read for that).
select job_add('automations', '{}', '', 'automations')
  from clock_mark m,
       lateral (select min(r.from_seq) as seq from automation r where r.active and r.ended_at is null) born
 where m.name = 'automations' and born.seq is not null
   and (exists (select from audit a where a.seq > greatest((m.data->>'seq')::bigint, born.seq) and a.action = any($1))
        or exists (select from audit a where a.seq > greatest((m.data->>'seq')::bigint, born.seq) offset 500 limit 1))

-- name: automations_by_day
-- Documents whose day has come, and what need not be kept of runs.
select job_add('automations', '{"old": true}', '', 'automations by day')
 where exists (select from automation r where r.ended_at is null)

-- name: webhooks
-- What has waited long enough for its next try; one job an endpoint.
select job_add('webhook', jsonb_build_object('webhook_id', w.id), w.id::text, w.id::text)
  from webhook w
 where w.ended_at is null
   and exists (select from webhook_delivery d
                where d.webhook_id = w.id and d.state = 'waiting' and d.next_at <= now()
                  and (d.audit_seq is null or (w.state = 'on' and coalesce(w.quiet_until <= now(), true))))

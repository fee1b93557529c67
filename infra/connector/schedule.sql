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

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

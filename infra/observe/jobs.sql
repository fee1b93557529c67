-- What the job table and the inbox hold right now. Connectors all say the same of it.

-- name: unfinished
select kind,
       (count(*) filter (where state = 'ready' and run_at <= now()))::int as due,
       (count(*) filter (where state = 'ready' and run_at > now()))::int as later,
       (count(*) filter (where state = 'active'))::int as running,
       coalesce(extract(epoch from now() - min(run_at) filter (where run_at <= now())), 0)::float8 as oldest_due,
       coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest
  from job where state in ('ready', 'active') group by kind

-- name: dead
select kind, count(*)::int as dead from job where state = 'dead' group by kind

-- name: unreadable
select count(*)::int as n from inbox_unreadable

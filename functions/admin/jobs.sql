-- name: waiting
select kind, waiting, active, oldest_at from jobs_waiting()

-- name: done
select kind, done from jobs_done(now() - interval '1 hour')

-- name: failed
select kind, called, cause, times, jobs, last_at from jobs_failed(now() - interval '1 hour')

-- name: dead
with dead as materialized (select * from jobs_dead($2, $3, $4)),
seen as materialized (
  select a.thing_id from access_levels(array[$1::uuid], array(select distinct dead.project_id from dead where dead.project_id is not null), now()) a
   where a.level > 0)
select dead.id, dead.kind, dead.reason, dead.attempts, dead.created_at, dead.died_at,
       case when n.id is not null then jsonb_build_object('id', n.id, 'name', n.name) end as project
  from dead
  left join node n on n.id = dead.project_id and n.id in (select seen.thing_id from seen)
 order by dead.died_at desc, dead.id desc

-- name: one
with dead as materialized (select * from job_dead($2))
select dead.id, dead.kind, dead.reason, dead.attempts, dead.created_at, dead.died_at,
       case when a.level > 0 then jsonb_build_object('id', n.id, 'name', n.name) end as project
  from dead
  left join lateral access_levels(array[$1::uuid], array[dead.project_id], now()) a on dead.project_id is not null
  left join node n on n.id = dead.project_id

-- name: history
select outcome, attempt, error, called, times, first_at, last_at from job_history($1)

-- name: again
select id, kind from jobs_again($1)

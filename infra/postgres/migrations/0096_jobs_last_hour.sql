-- The last hour of the portal's own work, for the page of jobs: how much was done of each kind, and what failed, by function
-- and cause. A cause is a code or an error's name, never its message, which may name what is somebody's.

create index job_done on job (done_at) where state = 'done';

create function jobs_done(since timestamptz) returns table (kind text, done int)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.kind, count(*)::int from job j where j.state = 'done' and j.done_at > since group by 1 order by 1 $$;

-- `times`: tries that failed alike, also those before `since` where they go on; `jobs`: how many jobs they belong to.
create function jobs_failed(since timestamptz)
returns table (kind text, called text, cause text, times int, jobs int, last_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.kind, a.called, coalesce(left(split_part(a.error, ':', 1), 60), a.outcome), sum(a.times)::int,
         count(distinct a.job_id)::int, max(a.last_at)
    from job_attempt a join job j on j.id = a.job_id
   where a.last_at > since and a.outcome in ('failed', 'lapsed', 'dead')
   group by 1, 2, 3 order by 1, 4 desc, 3 limit 100 $$;

revoke execute on function jobs_done, jobs_failed from public;
grant execute on function jobs_done, jobs_failed to portico_app;

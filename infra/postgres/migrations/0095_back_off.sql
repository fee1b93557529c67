-- What is away is asked ever more rarely: a tenth of the time that it has been away, half a minute at most (half as much and
-- half as much again by chance), so that a store that comes back has its work within a minute. `after_seconds` null: so;
-- else as asked. Since when: as the job's history has it.

create or replace function job_put_back(id uuid, token uuid, error text, after_seconds double precision) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with away as (
  select coalesce(extract(epoch from clock_timestamp() - (
    select a.first_at from job_attempt a
     where a.job_id = $1 and a.id = (select max(b.id) from job_attempt b where b.job_id = $1)
       and a.outcome = 'failed' and a.last_at > clock_timestamp() - interval '5 minutes')), 0)::double precision as seconds),
put_back as (
  update job
     set state = 'ready', token = null, error = $3,
         run_at = clock_timestamp()
           + coalesce($4, greatest(1, least(30, away.seconds / 10)) * (0.5 + random())) * interval '1 s',
         attempt = attempt - case when patience_from > now() - interval '72 hours' then 1 else 0 end
    from away
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from put_back) $$;

-- How long a job's surroundings may be away before its attempts count: three days, as long as a weekend's outage with a
-- holiday. They begin anew when the job gets further or somebody sends it off again: a dead letter that was redriven
-- while the store was still away died again within half a minute.
alter table job add column patience_from timestamptz not null default now();

create or replace function job_put_back(id uuid, token uuid, error text, after_seconds double precision) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with put_back as (
  update job
     set state = 'ready', token = null, error = $3, run_at = clock_timestamp() + $4 * interval '1 s',
         attempt = attempt - case when patience_from > now() - interval '72 hours' then 1 else 0 end
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from put_back) $$;

create or replace function job_continue(id uuid, token uuid, cursor jsonb) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with gone_on as (
  update job set state = 'ready', cursor = $3, attempt = 0, token = null, error = null, run_at = clock_timestamp(),
                 patience_from = clock_timestamp()
   where job.id = $1 and job.token = $2 and job.state = 'active' returning job.kind)
select exists (select pg_notify('portico_job', gone_on.kind) from gone_on) $$;

create or replace function jobs_again(ids uuid[]) returns table (id uuid, kind text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  one record;
begin
  for one in select j.id, j.kind, j.unique_key from job j where j.id = any(ids) and j.state = 'dead' order by j.id for update loop
    continue when one.unique_key is not null and exists (
      select from job o where o.kind = one.kind and o.unique_key = one.unique_key and o.state in ('ready', 'active'));
    update job set state = 'ready', attempt = 0, run_at = now(), done_at = null, token = null, error = null,
                   patience_from = now()
     where job.id = one.id;
    perform pg_notify('portico_job', one.kind);
    id := one.id; kind := one.kind;
    return next;
  end loop;
end $$;

-- A job that was put back with its last attempt dies while it waits, not while somebody has it: that belongs to its history too.
drop trigger job_remember on job;
create trigger job_remember before update of state, token on job
  for each row when (
    (old.state = 'active' and new.state in ('ready', 'dead') and new.error is not null)
    or (old.state = 'ready' and new.state = 'dead')
    or (old.state = 'active' and new.state = 'active' and new.token is distinct from old.token)
    or (old.state = 'dead' and new.state = 'ready'))
  execute function job_remember();

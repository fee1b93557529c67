-- Somebody must always be able to run the firm, and a job's way to its end can be read.

-- ── The last administrator ─────────────────────────────────────────────────────────────────────────────────

-- Whoever takes an administrator out waits for whoever does the same with another one, and counts what is left then:
-- of two who take each other out at once, one remains. Take this lock before any row of person.
create function administrators_one_at_a_time() returns void
language sql security definer set search_path = public, pg_temp as $$
  select pg_advisory_xact_lock(hashtext('portico_administrators')) $$;

-- At this very moment, not at the transaction's beginning: whoever waited for the lock began before the other one's end.
create function person_runs_firm(p person) returns boolean
language sql volatile set search_path = public, pg_temp as $$
  select p.staff_role = 'administrator' and p.password_hash is not null
     and p.valid_from <= clock_timestamp() and p.valid_until > clock_timestamp() $$;

create function last_administrator() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if coalesce(person_runs_firm(old), false) and not coalesce(person_runs_firm(new), false) then
    perform administrators_one_at_a_time();
    if not exists (select from person p where p.id <> old.id and person_runs_firm(p)) then
      raise exception 'nobody could run the firm any more' using errcode = 'check_violation', constraint = 'last_administrator';
    end if;
  end if;
  return new;
end $$;
create trigger last_administrator before update of staff_role, password_hash, valid_from, valid_until on person
  for each row execute function last_administrator();

revoke execute on function administrators_one_at_a_time, person_runs_firm, last_administrator from public;
grant execute on function administrators_one_at_a_time to portico_app;

-- The last sign-in of each person of a list is one step, however much they have read since.
create index audit_sign_in on audit (actor_id, seq desc) where action = 'session.started';

-- Days long ago, without walking there through all that came since. Among a million acts a day of last year took 470 ms
-- without it; a block range index is smaller, but the planner then walks all the same.
create index audit_at on audit (at);

-- ── What a job went through ────────────────────────────────────────────────────────────────────────────────

create table job_attempt (
  id bigint generated always as identity primary key,
  job_id uuid not null references job on delete cascade,
  outcome text not null check (outcome in ('failed', 'lapsed', 'dead', 'again')),   -- again: begun anew by a person
  attempt int not null,
  error text,
  called text,                                             -- the function; null: the connector did it alone
  times int not null default 1,                            -- one after the other with the same end are one row
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp()
);
create index job_attempt_job on job_attempt (job_id, id);

-- The function that the claim called, said just before a bad end so that the history can name it.
alter table job add column called text;

create function job_calls(id uuid, token uuid, called text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update job set called = $3 where job.id = $1 and job.token = $2 and job.state = 'active' and job.called is distinct from $3 $$;

create function job_remember() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  how text := case when old.state = 'dead' then 'again'
                   when new.state = 'dead' then 'dead'
                   when new.state = 'active' then 'lapsed'
                   else 'failed' end;
  why text := case when how = 'lapsed' then null when how = 'again' then null else left(new.error, 300) end;
  newest job_attempt;
begin
  select * into newest from job_attempt a where a.job_id = old.id order by a.id desc limit 1;
  -- A function that is away for hours is asked each second: that is one line, not thousands.
  if newest.outcome = how and newest.error is not distinct from why and newest.called is not distinct from old.called then
    update job_attempt set times = times + 1, attempt = old.attempt, last_at = clock_timestamp() where id = newest.id;
  else
    insert into job_attempt (job_id, outcome, attempt, error, called) values (old.id, how, old.attempt, why, old.called);
  end if;
  new.called := null;
  return new;
end $$;
-- Done and "goes on" clear the error; a claim of a lapsed claim changes the token.
create trigger job_remember before update of state, token on job
  for each row when (
    (old.state = 'active' and new.state in ('ready', 'dead') and new.error is not null)
    or (old.state = 'active' and new.state = 'active' and new.token is distinct from old.token)
    or (old.state = 'dead' and new.state = 'ready'))
  execute function job_remember();

create function job_history(job_id uuid)
returns table (outcome text, attempt int, error text, called text, times int, first_at timestamptz, last_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select a.outcome, a.attempt, left(a.error, 200), a.called, a.times, a.first_at, a.last_at
    from job_attempt a where a.job_id = $1 order by a.id desc limit 200 $$;

create function job_dead(id uuid)
returns table (id uuid, kind text, reason text, attempts int, created_at timestamptz, died_at timestamptz, project_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.id, j.kind, left(j.error, 200), j.attempt, j.created_at, j.done_at, (j.data->>'project_id')::uuid
    from job j where j.id = $1 and j.state = 'dead' $$;

-- As in 0025_jobs.sql, but to the millisecond, as cursors tell it: of two that died within one, the second was on no page.
drop index job_dead;
create index job_dead on job ((done_at::timestamptz(3)) desc, id desc) where state = 'dead';

create or replace function jobs_dead(before_at timestamptz, before_id uuid, n int)
returns table (id uuid, kind text, reason text, attempts int, created_at timestamptz, died_at timestamptz, project_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.id, j.kind, left(j.error, 200), j.attempt, j.created_at, j.done_at::timestamptz(3), (j.data->>'project_id')::uuid
    from job j
   where j.state = 'dead' and (before_at is null or (j.done_at::timestamptz(3), j.id) < (before_at, before_id))
   order by j.done_at::timestamptz(3) desc, j.id desc limit n $$;

revoke execute on function job_calls, job_remember, job_history, job_dead from public;
grant execute on function job_calls to portico_pipeline;
grant execute on function job_history, job_dead to portico_app;

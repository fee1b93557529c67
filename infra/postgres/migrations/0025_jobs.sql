-- What the portal is doing, and what it gave up: for administrators. Ids, numbers and codes only; a job's data stays inside.

create function jobs_waiting()
returns table (kind text, waiting int, active int, oldest_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.kind, (count(*) filter (where j.state = 'ready'))::int, (count(*) filter (where j.state = 'active'))::int,
         min(j.created_at)
    from job j where j.state in ('ready', 'active') group by 1 order by 1 $$;

create index job_dead on job (done_at desc, id desc) where state = 'dead';

create function jobs_dead(before_at timestamptz, before_id uuid, n int)
returns table (id uuid, kind text, reason text, attempts int, created_at timestamptz, died_at timestamptz, project_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.id, j.kind, left(j.error, 200), j.attempt, j.created_at, j.done_at, (j.data->>'project_id')::uuid
    from job j
   where j.state = 'dead' and (before_at is null or (j.done_at, j.id) < (before_at, before_id))
   order by j.done_at desc, j.id desc limit n $$;

-- Those of these that are dead begin anew, unless the same work waits or runs already. Their ids.
create function jobs_again(ids uuid[]) returns table (id uuid, kind text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  one record;
begin
  for one in select j.id, j.kind, j.unique_key from job j where j.id = any(ids) and j.state = 'dead' order by j.id for update loop
    continue when one.unique_key is not null and exists (
      select from job o where o.kind = one.kind and o.unique_key = one.unique_key and o.state in ('ready', 'active'));
    update job set state = 'ready', attempt = 0, run_at = now(), done_at = null, token = null, error = null
     where job.id = one.id;
    perform pg_notify('portico_job', one.kind);
    id := one.id; kind := one.kind;
    return next;
  end loop;
end $$;

revoke execute on function jobs_waiting, jobs_dead, jobs_again from public;
grant execute on function jobs_waiting, jobs_dead, jobs_again to portico_app;

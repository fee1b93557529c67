-- What the pipeline needs besides 0003: a try that does not count, and folders for what machines bring.

-- The surroundings were away (the gateway, the store, the scanner): again later, and the attempt does not count, so that
-- an outage kills no job. After a day attempts count again: nothing waits for ever without being seen.
create function job_put_back(id uuid, token uuid, error text, after_seconds double precision) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with put_back as (
  update job
     set state = 'ready', token = null, error = $3, run_at = clock_timestamp() + $4 * interval '1 s',
         attempt = attempt - case when created_at > now() - interval '1 day' then 1 else 0 end
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from put_back) $$;

grant execute on function job_put_back to portico_pipeline;

-- adopt makes the folders that a drop's path names.
grant insert (id, kind, parent_id, client_id, name, inherits, walls) on node to portico_pipeline;

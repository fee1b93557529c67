-- A job that was given up is told to the administrators by mail at once; what is given up within a quarter of an hour after
-- that is one more mail, at its end. In the transaction that buries the job, so that no clock has to find it first.

create function jobs_tell() returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  due timestamptz := now();
  told int;
begin
  insert into clock_mark (name, at) values ('jobs.told', now()) on conflict (name) do nothing;
  if not found then
    select greatest(now(), m.at + interval '15 minutes') into due from clock_mark m where m.name = 'jobs.told' for update;
  end if;
  -- One that waits already tells of this one as well.
  select count(job_add('notify', jsonb_build_object('template', 'given_up', 'person_id', p.id), '', 'given_up:' || p.id, due))
    into told from person p where person_runs_firm(p);
  if told > 0 then update clock_mark set at = due where name = 'jobs.told'; end if;
  return told;
end $$;

revoke execute on function jobs_tell from public;
grant execute on function jobs_tell to portico_pipeline;

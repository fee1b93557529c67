-- What goes to the backups' target between two whole ones: up to when the database can be restored, and the documents.
-- One row, of the newest try; written by the owner alone. None where it is switched off or was never begun.

create table backup_recent (
  id boolean primary key default true check (id),
  every_seconds int not null check (every_seconds > 0),
  run text,                                                -- the whole backup that it goes on from
  at timestamptz,                                          -- the database can be restored up to here; null: not yet
  documents_at timestamptz,                                -- documents that came before are there with their bytes
  tried_at timestamptz not null default now(),
  problem text,                                            -- a code of docs/guide/backups.md
  seconds double precision, bytes bigint                   -- how long it took, and how much of the log it is
);

-- Which documents came since a backup: asked every two minutes.
create index inbox_received on inbox (received_at);

-- Whether what is new is not saved: for a quarter of an hour, in which the database ran.
create function recent_is_late(recent_at timestamptz, whole_at timestamptz, up_since timestamptz) returns boolean
language sql stable as $$ select greatest(recent_at, whole_at, up_since) < now() - interval '15 minutes' $$;

-- As before, and how it stands between the backups. `saved_at`: what was sent before is at the target, whichever way.
drop function backup_state();
create function backup_state()
returns table (last_at timestamptz, drilled_at timestamptz, every_minutes int, late boolean, drill_failed boolean,
               saved_at timestamptz, recent_at timestamptz, documents_at timestamptz, recent_late boolean,
               recent_problem text)
language sql stable security definer set search_path = public, pg_temp as $$
  select whole.begun_at, drilled.ended_at, newest.every_minutes,
         coalesce(whole.begun_at, first.begun_at) < now() - 2 * newest.every_minutes * interval '1 minute',
         coalesce((select d.problem is not null from backup_drill d order by d.ended_at desc limit 1), false),
         greatest(whole.begun_at, case when recent.at < recent.documents_at then recent.at else recent.documents_at end),
         recent.at, recent.documents_at,
         coalesce(recent.id and recent_is_late(recent.at, whole.begun_at, pg_postmaster_start_time()), false),
         recent.problem
    from (select b.every_minutes from backup b order by b.begun_at desc limit 1) newest
   cross join (select min(b.begun_at) as begun_at from backup b) first
    left join lateral (select b.begun_at from backup b where b.problem is null order by b.begun_at desc limit 1) whole on true
    left join lateral (select d.ended_at from backup_drill d where d.problem is null order by d.ended_at desc limit 1) drilled
      on true
    left join backup_recent recent on true $$;

revoke execute on function backup_state, recent_is_late from public;
grant execute on function backup_state to portico_app, portico_pipeline;

create or replace function backup_tell() returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told int := 0;
begin
  if not exists (select from backup_state() s where s.late or s.drill_failed or s.recent_late) then
    delete from clock_mark where name = 'backup.told';
    return 0;
  end if;
  insert into clock_mark (name, at) values ('backup.told', now())
  on conflict (name) do update set at = excluded.at where clock_mark.at < now() - interval '1 day';
  if not found then return 0; end if;
  select count(job_add('notify', jsonb_build_object('template', 'backup', 'person_id', p.id), '', 'backup:' || p.id)) into told
    from person p where person_runs_firm(p);
  return told;
end $$;

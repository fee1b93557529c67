-- Backups and what was read back from them, as the backup itself told: only ever added to. Written by the owner alone, who
-- makes them; others are told by the functions below.

create table backup (                                      -- each try
  id uuid primary key default uuidv7(),
  begun_at timestamptz not null,
  ended_at timestamptz not null default now(),
  every_minutes int not null check (every_minutes > 0),    -- how often one was to be made then
  run text,                                                -- what it is called at the target; null: it failed
  problem text,                                            -- a code of docs/guide/backups.md; null: it is whole
  database_bytes bigint, database_added bigint,            -- all of it, and what was new to the target
  objects_bytes bigint, objects_added bigint,
  kept int,                                                -- backups at the target afterwards
  check ((run is null) = (problem is not null)), check (begun_at <= ended_at)
);
create index backup_begun on backup (begun_at desc);

create table backup_drill (                                -- a backup was brought back to life, beside everything
  id uuid primary key default uuidv7(),
  backup_id uuid not null references backup,
  begun_at timestamptz not null,
  ended_at timestamptz not null default now(),
  problem text,                                            -- null: the log was whole and all documents had their bytes
  log_rows bigint, documents int,                          -- how many were looked at
  check (begun_at <= ended_at)
);
create index backup_drill_of on backup_drill (backup_id);

create function backup_unchangeable() returns trigger language plpgsql as $$
begin
  raise exception 'what is known of backups is only ever added to' using errcode = 'insufficient_privilege';
end $$;
create trigger backup_unchangeable before update or delete or truncate on backup
  execute function backup_unchangeable();
create trigger backup_unchangeable before update or delete or truncate on backup_drill
  execute function backup_unchangeable();

-- The newest tries, for administrators; for anybody else none.
create function backups(asker uuid, most int)
returns table (id uuid, begun_at timestamptz, ended_at timestamptz, every_minutes int, problem text,
               database_bytes bigint, database_added bigint, objects_bytes bigint, objects_added bigint, kept int,
               drill jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.id, b.begun_at, b.ended_at, b.every_minutes, b.problem,
         b.database_bytes, b.database_added, b.objects_bytes, b.objects_added, b.kept,
         (select jsonb_build_object('ended_at', to_char(d.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                    'seconds', round(extract(epoch from d.ended_at - d.begun_at)::numeric, 1),
                                    'problem', d.problem, 'log_rows', d.log_rows, 'documents', d.documents)
            from backup_drill d where d.backup_id = b.id order by d.ended_at desc limit 1)
    from backup b
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
   order by b.begun_at desc, b.id desc limit most $$;

-- How it stands: the last whole one, the last that was tried out well, and whether one is late (two intervals and more).
-- Nothing when none was ever made. Says nothing that a client may not know.
create function backup_state()
returns table (last_at timestamptz, drilled_at timestamptz, every_minutes int, late boolean, drill_failed boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select whole.begun_at, drilled.ended_at, newest.every_minutes,
         coalesce(whole.begun_at, first.begun_at) < now() - 2 * newest.every_minutes * interval '1 minute',
         coalesce((select d.problem is not null from backup_drill d order by d.ended_at desc limit 1), false)
    from (select b.every_minutes from backup b order by b.begun_at desc limit 1) newest
   cross join (select min(b.begun_at) as begun_at from backup b) first
    left join lateral (select b.begun_at from backup b where b.problem is null order by b.begun_at desc limit 1) whole on true
    left join lateral (select d.ended_at from backup_drill d where d.problem is null order by d.ended_at desc limit 1) drilled
      on true $$;

revoke execute on function backups, backup_state from public;
grant execute on function backups, backup_state to portico_app;
grant execute on function backup_state to portico_pipeline;

-- Administrators are told once a day while something is wrong; what it is stands in the portal.
create function backup_tell() returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told int := 0;
begin
  if not exists (select from backup_state() s where s.late or s.drill_failed) then
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
revoke execute on function backup_tell from public;
grant execute on function backup_tell to portico_pipeline;

-- The backup that is being made, as it tells of itself every few seconds: one row, gone when it has ended. Of one that was
-- killed the row stays, and is no news after a minute. Written by the owner alone.

create table backup_running (
  id boolean primary key default true check (id),
  begun_at timestamptz not null,
  step text not null check (step in ('database', 'objects', 'recent', 'drill')),
  part real check (part between 0 and 1),                  -- how much of the step is done; null: not known
  told_at timestamptz not null default now()
);

create function backup_under_way()
returns table (begun_at timestamptz, step text, part real)
language sql stable security definer set search_path = public, pg_temp as $$
  select b.begun_at, b.step, b.part from backup_running b where b.told_at > now() - interval '1 minute' $$;

revoke execute on function backup_under_way from public;
grant execute on function backup_under_way to portico_app;

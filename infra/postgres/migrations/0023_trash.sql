-- The trash. What lies in it is out of sight by a lock (0002_access.sql): the rule that decides everything else decides this
-- too, at once and for everybody, and whoever has a right without the lock may take it out again.

create table trash (
  id uuid primary key default uuidv7(),
  thing_id uuid not null,                                 -- a document, or a folder with all that is in it
  project_id uuid not null references node,
  lock_id uuid not null references access_lock,
  by_id uuid not null references person,
  at timestamptz not null default now(),
  restored_at timestamptz
);
create unique index trash_thing on trash (thing_id) where restored_at is null;
create index trash_project on trash (project_id, id desc) where restored_at is null;

alter table trash enable row level security;
create policy wall on trash to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
grant select, insert, update (restored_at) on trash to portico_app;

-- Somebody new: what of their first steps they do not want, and whether they called them again. What was done is in the log.
create table first_step (
  person_id uuid primary key references person,
  skipped text[] not null default '{}'
    check (skipped <@ '{read,send,notices,project,invite,access}'::text[]),
  again boolean not null default false
);
grant select, insert, update (skipped, again) on first_step to portico_app;

-- That somebody opened something in an emergency ends after four hours by itself: the grant has an end. The clock writes into
-- the log that it did. What ended before this was known stays as it was told.
alter table emergency add column end_noted boolean not null default false;
update emergency set end_noted = true where valid_until <= now() or ended_at is not null or grant_id is null;
create index emergency_running on emergency (valid_until) where not end_noted;

create policy pipeline on emergency to portico_pipeline using (true);
grant select (id, person_id, grant_id, project_id, document_id, valid_until, ended_at, end_noted), update (end_noted)
   on emergency to portico_pipeline;

-- A document is copied inside the store and then arrives as any file does; nobody sends it.
alter table upload add column copies uuid references version on delete cascade;

-- The same bytes twice in a project.
create index version_content on version (project_id, sha256) where sha256 is not null;

-- Versions: a document's later originals, and which of them is the current one.

-- A file that was sent as a new version of a document. document_id stays the upload's own (its key is made of it): should
-- the document be gone when the bytes arrive, they become a document of their own.
alter table upload
  add column of_document_id uuid references document on delete set null,
  add column restores uuid references version on delete cascade;    -- a copy of an older version: made inside the store, sent by nobody
create index upload_of_document on upload (of_document_id) where of_document_id is not null;
create index upload_restores on upload (restores) where restores is not null;

alter table version add column restored_from uuid references version on delete set null;
create index version_restored_from on version (restored_from) where restored_from is not null;

-- The current version is the newest that may be delivered; where none may, the newest. So a version that is infected, or
-- not checked yet, hides no good one. Whoever changes what this depends on holds the document first: two that arrive or
-- are checked at the same moment come one after the other.
create function version_current_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  best uuid;
begin
  perform 1 from document d where d.id = new.document_id for no key update;
  select v.id into best from version v where v.document_id = new.document_id
   order by v.state in ('checked', 'previewing', 'ready') desc, v.no desc limit 1;
  update document d set current_version_id = best
   where d.id = new.document_id and d.current_version_id is distinct from best;
  return null;
end $$;
revoke execute on function version_current_keep from public;

create trigger version_current_new after insert on version for each row when (new.no > 1)
  execute function version_current_keep();
create trigger version_current_checked after update on version for each row
  when ((new.state in ('received', 'held')) <> (old.state in ('received', 'held')))
  execute function version_current_keep();

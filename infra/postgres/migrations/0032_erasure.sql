-- The trash is emptied: what lay there for 30 days, or was emptied by somebody who manages it, loses bytes, pages and text
-- for good. Rows, names, sizes and hashes stay: the log speaks of them.

alter table trash add column emptied_at timestamptz;             -- from then on nobody takes it out again
alter table trash add column emptied_by uuid references person;  -- null: the clock, after its time
alter table trash add column erased_at timestamptz;              -- the store holds nothing of it any more
alter table trash add check (emptied_at is null or restored_at is null);
create index trash_due on trash (at) where restored_at is null and erased_at is null;
grant update (emptied_at, emptied_by) on trash to portico_app;
create policy pipeline on trash to portico_pipeline using (true);
grant select, update (emptied_at, erased_at) on trash to portico_pipeline;

alter table version add column erased_at timestamptz;            -- set before its bytes are removed
-- Where a machine's drop lies that it was copied from; goes with it.
alter table version add column drop_key text;
alter table version add column drop_object_version_id text;

-- What people wrote beside it goes too, unless another of its documents is still there.
grant update (text, taken_back_at) on comment to portico_pipeline;

-- As in 0003_security.sql; what the clock erases is no incident. It marks the version before it removes the bytes.
create or replace function inbox_record(bucket text, key text, object_version_id text, kind text, source text, size bigint)
returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  fact jsonb := jsonb_build_object('bucket', $1, 'key', $2, 'object_version_id', $3, 'size', $6);
  owner_id uuid;   -- of documents: the document; of drops: the project
  fairness text := '';
begin
  insert into inbox (bucket, key, object_version_id, kind, source, size) values ($1, $2, $3, $4, $5, $6)
  on conflict do nothing;
  if not found then return false; end if;
  if $4 = 'removed' then
    if $1 = 'portico-documents'
       and not exists (select from version v where v.object_key = $2 and v.erased_at is not null) then
      insert into incident (kind, detail) values ('object_removed', fact);
    end if;
    return true;
  end if;
  if $5 = 'api' then return true; end if;   -- the same transaction does what the job would do
  if $2 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' then owner_id := split_part($2, '/', 1)::uuid; end if;
  if $1 = 'portico-documents' then
    select coalesce(n.client_id, n.id)::text into fairness
      from upload u join node n on n.id = u.project_id where u.document_id = owner_id;
    perform job_add('arrive', fact, coalesce(fairness, ''), $2 || ' ' || $3);
  elsif $1 = 'portico-drops' then
    select coalesce(n.client_id, n.id)::text into fairness from node n where n.id = owner_id;
    perform job_add('adopt', fact || jsonb_build_object('document_id', uuidv7(), 'version_id', uuidv7()),
                    coalesce(fairness, ''), $2 || ' ' || $3);
  end if;
  return true;
end $$;

-- One id from a request to the work that goes on later: rows keep the trace (W3C traceparent) of what wrote them. The
-- transaction says which it is (functions/_shared/db/database.ts); a row of a program that says nothing has none.

create function trace_now() returns text language sql stable
  set search_path = public, pg_temp
as $$ select nullif(current_setting('portico.trace', true), '') $$;

alter table upload add column trace text;
alter table upload alter column trace set default trace_now();
alter table inbox add column trace text;
alter table inbox alter column trace set default trace_now();
alter table job add column trace text;
alter table job alter column trace set default trace_now();

-- As in 0032, and: what the store or the reconciliation tells of belongs to the trace of the upload; and the job knows when
-- the store says that it happened. Code of before says no time.
drop function inbox_record(text, text, text, text, text, bigint);
create function inbox_record(bucket text, key text, object_version_id text, kind text, source text, size bigint,
                             happened_at timestamptz default null)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  fact jsonb := jsonb_build_object('bucket', $1, 'key', $2, 'object_version_id', $3, 'size', $6);
  owner_id uuid;   -- of documents: the document; of drops: the project
  fairness text := '';
  begun text;
begin
  if $2 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' then owner_id := split_part($2, '/', 1)::uuid; end if;
  if $1 = 'portico-documents' and $4 = 'created' and $5 <> 'api' then
    select coalesce(n.client_id, n.id)::text, u.trace into fairness, begun
      from upload u join node n on n.id = u.project_id where u.document_id = owner_id;
    if begun is not null then perform set_config('portico.trace', begun, true); end if;
  end if;
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
  if $7 is not null then fact := fact || jsonb_build_object('happened_at', $7); end if;
  if $1 = 'portico-documents' then
    perform job_add('arrive', fact, coalesce(fairness, ''), $2 || ' ' || $3);
  elsif $1 = 'portico-drops' then
    select coalesce(n.client_id, n.id)::text into fairness from node n where n.id = owner_id;
    perform job_add('adopt', fact || jsonb_build_object('document_id', uuidv7(), 'version_id', uuidv7()),
                    coalesce(fairness, ''), $2 || ' ' || $3);
  end if;
  return true;
end $$;

-- Which trace an object's event belongs to, for the function that takes events in.
create function inbox_trace(bucket text, key text, object_version_id text, kind text) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select i.trace from inbox i where (i.bucket, i.key, i.object_version_id, i.kind) = ($1, $2, $3, $4) $$;

revoke execute on function trace_now, inbox_record, inbox_trace from public;
grant execute on function trace_now to portico_app, portico_intake, portico_pipeline;
grant execute on function inbox_record to portico_app, portico_intake, portico_pipeline;
grant execute on function inbox_trace to portico_intake;

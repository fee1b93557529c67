-- ZIPs that are too large to be made while somebody waits: ordered, made by a job in slices, kept for a day for whoever
-- ordered them.

create table archive (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  project_id uuid not null references node,
  name text not null,
  folder_id uuid,                                         -- what was wished: a folder (or the project) …
  documents uuid[],                                       -- … or documents
  state text not null default 'waiting'
    check (state in ('waiting', 'making', 'ready', 'failed', 'expired', 'deleted')),
  trouble text,                                           -- a code: why it waits, or why it failed
  count int not null check (count > 0),                   -- files and their bytes, as ordered
  size bigint not null check (size >= 0),
  done_size bigint not null default 0,                    -- bytes of files that are in
  zip_size bigint,
  part_size int not null default 16777216 check (part_size >= 5242880),   -- bytes; the store takes no smaller parts
  upload_id text,                                         -- the store's, of the multipart upload
  created_at timestamptz not null default now(),
  ready_at timestamptz,
  expires_at timestamptz not null default now() + interval '2 days',      -- a day from when it is ready
  swept_at timestamptz,                                   -- its bytes are gone
  check ((folder_id is null) <> (documents is null))
);
create index archive_person on archive (person_id, id desc);
create index archive_unswept on archive (expires_at) where swept_at is null;

-- What goes into it, in order. No references: what was taken along stays written down when the document has gone.
create table archive_file (
  archive_id uuid not null references archive on delete cascade,
  place int not null,
  project_id uuid not null references node,
  document_id uuid not null,
  version_id uuid not null,
  path text not null,
  size bigint not null,
  sha256 bytea,
  state text not null default 'waiting' check (state in ('waiting', 'in', 'left_out')),
  why text,
  zip_offset bigint,                                      -- where its header begins
  crc bigint,
  primary key (archive_id, place),
  check ((state = 'in') = (zip_offset is not null and crc is not null)),
  check ((state = 'left_out') = (why is not null))
);
create index archive_file_waiting on archive_file (archive_id, place) where state = 'waiting';

create table archive_part (                               -- a part as it was answered for: another one at its number is not ours
  archive_id uuid not null references archive on delete cascade,
  no int not null check (no between 1 and 10000),
  etag text not null,
  primary key (archive_id, no)
);

-- Was it really delivered? As in 0007_delivery.sql, of a ZIP.
create table archive_delivery (
  ticket uuid primary key default uuidv7(),
  archive_id uuid not null references archive on delete cascade,
  project_id uuid not null references node,
  person_id uuid not null references person,
  size bigint not null check (size >= 0),
  sent int8multirange not null default '{}',
  issued_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index archive_delivery_archive on archive_delivery (archive_id);

alter table archive enable row level security;
alter table archive_file enable row level security;
alter table archive_part enable row level security;
alter table archive_delivery enable row level security;
create policy wall on archive to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on archive_file to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on archive_delivery to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy pipeline on archive to portico_pipeline using (true);
create policy pipeline on archive_file to portico_pipeline using (true);
create policy pipeline on archive_part to portico_pipeline using (true);

grant select, insert (person_id, project_id, name, folder_id, documents, count, size), update (state) on archive to portico_app;
grant select, insert (archive_id, place, project_id, document_id, version_id, path, size, sha256, state, why) on archive_file
  to portico_app;
grant select, insert (archive_id, project_id, person_id, size) on archive_delivery to portico_app;
grant select, update (state, trouble, done_size, zip_size, upload_id, ready_at, expires_at, swept_at), delete on archive
  to portico_pipeline;
grant select, update (state, why, zip_offset, crc) on archive_file to portico_pipeline;
grant select, insert, update, delete on archive_part to portico_pipeline;

-- Adds the bytes [first, past) to what was sent for a ticket; the hand-over when they now cover the ZIP for the first time.
create function archive_sent(p_ticket uuid, p_first bigint, p_past bigint)
returns table (person_id uuid, project_id uuid, archive_id uuid, count int, size bigint)
language sql security definer set search_path = public, pg_temp as $$
with known as (
  select d.ticket, d.delivered_at from archive_delivery d where d.ticket = p_ticket for update
),
added as (
  update archive_delivery d
     set sent = d.sent + int8multirange(int8range(p_first, p_past)),
         delivered_at = coalesce(d.delivered_at,
           case when d.sent + int8multirange(int8range(p_first, p_past)) @> int8range(0, d.size) then clock_timestamp() end)
    from known where d.ticket = known.ticket
  returning d.*, known.delivered_at as before
)
select a.person_id, a.project_id, a.archive_id,
       (select count(*) from archive_file f where f.archive_id = a.archive_id and f.state = 'in')::int, a.size
  from added a where a.before is null and a.delivered_at is not null $$;
revoke execute on function archive_sent(uuid, bigint, bigint) from public;
grant execute on function archive_sent(uuid, bigint, bigint) to portico_intake;

-- The bucket webhook tells of deliveries and of nothing else; those of ZIPs are such (the rest as in 0008_narrower.sql).
create or replace function audit_append(bodies text[], salts bytea[], details text[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  n int := cardinality(bodies);
  top bigint;
begin
  if n = 0 then return null; end if;
  if session_user = 'portico_intake'
     and exists (select from unnest(bodies) b where coalesce(b::jsonb->>'action', '') not in ('document.delivered', 'archive.delivered')) then
    raise exception 'intake writes of deliveries only' using errcode = 'insufficient_privilege';
  end if;
  if exists (
    select from unnest(bodies, salts, details) x(body, salt, detail)
     where x.body::jsonb->>'detail'
           is distinct from encode(sha256(x.salt || convert_to(x.detail, 'UTF8')), 'hex')) then
    raise exception 'an act''s detail does not fit its commitment' using errcode = 'check_violation';
  end if;
  update audit_counter set last = last + n returning last into top;
  insert into audit (seq, body, at, action, actor_id, project_id, document_id, subject_id)
  select top - n + x.i, convert_to(x.body, 'UTF8'), (x.j->>'at')::timestamptz, x.j->>'action', (x.j->>'actor_id')::uuid,
         (x.j->>'project_id')::uuid, (x.j->>'document_id')::uuid, (x.j->>'subject_id')::uuid
    from (select b.body, b.body::jsonb as j, b.i from unnest(bodies) with ordinality b(body, i)) x;
  insert into audit_detail (audit_seq, salt, detail)
  select top - n + x.i, x.salt, x.detail
    from unnest(salts, details) with ordinality x(salt, detail, i) where x.detail is not null;
  return top - n + 1;
end $$;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check
  check (kind in ('document', 'version', 'access', 'renewal', 'comment', 'archive', 'archive_failed'));

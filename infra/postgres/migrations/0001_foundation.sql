-- The foundation: every table of the first version. Who may see what is decided by 0002_access.sql.
-- Ids are uuidv7 (RFC 9562 section 5.7); windows are half-open [valid_from, valid_until) in UTC.

-- Names sort as people expect: umlauts beside their letters, "2" before "10". Everything else compares by code point.
create collation name_order (provider = icu, locale = 'und-u-kn-true');

-- ── The firm and its people ────────────────────────────────────────────────────────────────────────────
create table firm (                                     -- one row: one installation is one firm
  one boolean primary key default true check (one),
  node_id uuid not null,                                -- the root of the tree
  name text not null,
  time_zone text not null default 'Europe/Berlin',
  locale text not null default 'de' check (locale in ('de', 'en', 'sv')),
  deliver_unscanned boolean not null default true,      -- without a virus scanner: deliver, or hold until an administrator releases
  made_by_demo boolean not null default false,          -- --demo refuses data it did not make
  created_at timestamptz not null default now()
);

create table person (
  id uuid primary key default uuidv7(),
  name text collate name_order not null,
  email text not null,
  email_key text not null unique,                       -- NFKC, lower case: what addresses are compared by
  staff_role text check (staff_role in ('administrator', 'staff', 'assistant', 'auditor')),   -- null: a client or guest
  capped_by uuid references person,                     -- sub-account: never more than this person
  locale text not null default 'de' check (locale in ('de', 'en', 'sv')),
  time_zone text,                                       -- null: the firm's
  password_hash text,                                   -- argon2id, PHC string; null: not yet set
  totp_secret text,                                     -- JWE (dir, A256GCM) of the base32 secret
  totp_confirmed_at timestamptz,
  totp_last_step bigint,                                -- the last time step used: a code works once (RFC 6238 section 5.2)
  valid_from timestamptz not null default '-infinity',
  valid_until timestamptz not null default 'infinity',  -- deactivation ends the window
  created_at timestamptz not null default now(),
  check (valid_from < valid_until), check (capped_by <> id)
);

create table organisation (                             -- a client
  id uuid primary key default uuidv7(),
  name text collate name_order not null,
  created_at timestamptz not null default now()
);

create table groups (
  id uuid primary key default uuidv7(),
  name text collate name_order not null,
  created_at timestamptz not null default now()
);

create table group_nesting (                            -- members of inner are members of outer; one step only
  outer_id uuid not null references groups,
  inner_id uuid not null references groups,
  primary key (outer_id, inner_id), check (outer_id <> inner_id)
);

create table membership (
  person_id uuid not null references person,
  group_id uuid references groups,
  organisation_id uuid references organisation,
  valid_from timestamptz not null default '-infinity',
  valid_until timestamptz not null default 'infinity',
  container_id uuid generated always as (coalesce(group_id, organisation_id)) stored not null,
  check (num_nonnulls(group_id, organisation_id) = 1), check (valid_from < valid_until),
  primary key (person_id, container_id, valid_from)
);

-- ── The tree: firm → project → folder → document ───────────────────────────────────────────────────────
create table node (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('firm', 'project', 'folder')),
  parent_id uuid references node,
  project_id uuid references node,                      -- null for the firm
  client_id uuid references organisation,               -- copied from the project to its folders: the wall needs no join
  name text collate name_order not null,
  inherits boolean not null default true,               -- false: nothing above speaks here ("closed")
  walls boolean not null default false,                 -- on the firm: staff see assigned clients only
  path uuid[] not null,                                 -- firm … self                                 (kept by trigger)
  cut smallint not null default 1,                      -- 1-based place in path where inheritance starts (kept by trigger)
  scope_id uuid not null,                               -- nearest self-or-above with a say of its own  (kept by trigger)
  created_at timestamptz not null default now(),
  check ((kind = 'firm') = (parent_id is null))
);
alter table firm add foreign key (node_id) references node;
create unique index node_one_firm on node (kind) where kind = 'firm';

create table document (
  id uuid primary key default uuidv7(),
  folder_id uuid not null references node,              -- a folder or, at its top, the project itself
  project_id uuid not null references node,
  name text collate name_order not null,
  created_by uuid references person,                    -- null: brought by a machine into the drop bucket
  created_at timestamptz not null default now(),
  own_scope boolean not null default false,             -- has grants or locks of its own              (kept by trigger)
  current_version_id uuid
);

create table version (
  id uuid primary key default uuidv7(),
  document_id uuid not null references document,
  project_id uuid not null references node,
  no int not null,
  object_key text not null unique,                      -- in portico-documents: <document>/<version>, written once
  object_version_id text not null,                      -- the store's; another version of that key is an incident, never content
  size bigint not null check (size >= 0),               -- bytes
  declared_type text not null,                          -- what the sender said (media type)
  detected_type text,                                   -- what the bytes say; null until scanned
  sha256 bytea check (length(sha256) = 32),
  created_by uuid references person,
  received_at timestamptz not null default now(),
  state text not null default 'received'
    check (state in ('received', 'checked', 'previewing', 'ready', 'held')),
  scan_result text check (scan_result in ('clean', 'infected', 'not_scanned', 'too_large')),
  scan_detail text,                                     -- the scanner's name of what it found
  preview_result text check (preview_result in ('complete', 'unsupported', 'broken', 'encrypted', 'too_complex', 'empty')),
  page_count int,
  released_by uuid references person,                   -- an administrator let a held version go
  released_at timestamptz,
  unique (document_id, no)
);
alter table document add foreign key (current_version_id) references version deferrable initially deferred;

create table page (                                     -- one row per rendered page; its files lie in portico-derived
  version_id uuid not null references version,
  project_id uuid not null references node,
  no int not null check (no >= 1),
  width int not null, height int not null,              -- pixels of the page image
  image_key text not null,                              -- JPEG, 1240 px wide
  thumbnail_key text not null,                          -- WebP, 160 px wide
  text_key text,                                        -- JSON: words with boxes in thousandths of the page; null: no text
  primary key (version_id, no)
);

create table upload (                                   -- a file on its way from a browser to the store
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  project_id uuid not null references node,
  folder_id uuid not null references node,
  document_id uuid not null unique,                     -- given beforehand: the key is made of them
  version_id uuid not null unique,
  name text not null,
  size bigint not null check (size >= 0),
  declared_type text not null,
  head_sha256 bytea check (length(head_sha256) = 32),   -- of the first MiB: the same file is recognised after a reload
  last_modified timestamptz,
  part_size int not null,                               -- bytes; every part but the last
  store_upload_id text,                                 -- S3 multipart; null: one PUT
  state text not null default 'open' check (state in ('open', 'completed', 'aborted')),
  created_at timestamptz not null default now(),
  touched_at timestamptz not null default now()         -- an upload left alone for a day is swept
);

create table link (                                     -- for third parties; what is shared is in grants to the link
  id uuid primary key default uuidv7(),
  made_by uuid not null references person,
  valid_from timestamptz not null default '-infinity',
  valid_until timestamptz not null default 'infinity',  -- revoking ends the window
  check (valid_from < valid_until)
);

-- ── Permissions ────────────────────────────────────────────────────────────────────────────────────────
create table access_grant (
  id uuid primary key default uuidv7(),
  person_id uuid references person, group_id uuid references groups,
  organisation_id uuid references organisation, link_id uuid references link,
  node_id uuid references node, document_id uuid references document,
  level smallint not null check (level between 1 and 4),   -- 1 view, 2 download, 3 contribute, 4 manage
  allows boolean not null default true,                    -- a deny takes this level and those above it
  valid_from timestamptz not null default '-infinity',
  valid_until timestamptz not null default 'infinity',
  given_by uuid references person,                         -- null: the portico itself (drop keys, set-up)
  note text,
  created_at timestamptz not null default now(),
  principal_id uuid generated always as (coalesce(person_id, group_id, organisation_id, link_id)) stored not null,
  thing_id uuid generated always as (coalesce(node_id, document_id)) stored not null,
  rank smallint generated always as (                      -- the order within one thing; the last one heard has the last word
    (case when person_id is not null or link_id is not null then 4 when group_id is not null then 2 else 0 end)
    + (case when allows then 0 else 1 end)) stored not null,
  check (num_nonnulls(person_id, group_id, organisation_id, link_id) = 1),
  check (num_nonnulls(node_id, document_id) = 1),
  check (valid_from < valid_until)
);

create table access_lock (
  id uuid primary key default uuidv7(),
  node_id uuid references node, document_id uuid references document,
  hides boolean not null,                                  -- true: out of sight, false: view only
  valid_from timestamptz not null,
  valid_until timestamptz not null default 'infinity',     -- lifting ends the window
  thing_id uuid generated always as (coalesce(node_id, document_id)) stored not null,
  check (num_nonnulls(node_id, document_id) = 1), check (valid_from < valid_until)
);

create table assignment (                                  -- which staff may work for which client (where the firm has walls)
  person_id uuid references person, group_id uuid references groups,
  client_id uuid not null references organisation,
  valid_from timestamptz not null default '-infinity',
  valid_until timestamptz not null default 'infinity',
  principal_id uuid generated always as (coalesce(person_id, group_id)) stored not null,
  check (num_nonnulls(person_id, group_id) = 1), check (valid_from < valid_until),
  primary key (client_id, principal_id, valid_from)
);

create table exclusion (                                   -- this person and this client never meet, whatever is granted
  person_id uuid not null references person,
  client_id uuid not null references organisation,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (person_id, client_id)
);

-- ── Doors ──────────────────────────────────────────────────────────────────────────────────────────────
create table session (
  token_hash bytea primary key check (length(token_hash) = 32),   -- SHA-256 of the cookie's 256-bit token
  id uuid not null unique default uuidv7(),
  person_id uuid not null references person,
  factors smallint not null check (factors in (1, 2)),            -- 1: password only, the second is still owed
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  user_agent text
);

create table one_time_link (                               -- set-up of the firm, invitations
  id uuid primary key default uuidv7(),                    -- the locator, in the path
  secret_hash bytea not null check (length(secret_hash) = 32),   -- the secret travels in the fragment
  purpose text not null check (purpose in ('setup', 'invitation')),
  person_id uuid references person,                        -- null: the first administrator
  made_by uuid references person,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((purpose = 'setup') = (person_id is null))
);

create table rate_limit (                                  -- rate-limiter-flexible's columns
  key varchar(255) primary key, points integer not null default 0, expire bigint
);

create table idempotency (                                 -- a POST with the same Idempotency-Key is answered once
  person_id uuid not null references person,
  key text not null check (length(key) between 1 and 255),
  request_hash bytea not null,                             -- of method, path and body: the same key with another request is a 422
  status smallint,                                         -- null: still being answered
  body jsonb,
  created_at timestamptz not null default now(),
  primary key (person_id, key)
);

-- ── The event pipeline ─────────────────────────────────────────────────────────────────────────────────
create table inbox (                                       -- what the store told, or what we found there: each fact once
  id bigint generated always as identity primary key,
  bucket text not null, key text not null, object_version_id text not null,
  kind text not null check (kind in ('created', 'removed')),
  source text not null check (source in ('event', 'api', 'reconciliation')),   -- who told first
  size bigint,
  received_at timestamptz not null default now(),
  unique (bucket, key, object_version_id, kind)
);

create table inbox_unreadable (                            -- events that intake could not read, kept as they came
  id bigint generated always as identity primary key,
  body bytea not null, reason text not null,
  received_at timestamptz not null default now()
);

create table incident (                                    -- what must never happen and was noticed
  id bigint generated always as identity primary key,
  kind text not null, detail jsonb not null,
  noticed_at timestamptz not null default now()
);

create table job (
  id uuid primary key default uuidv7(),
  kind text not null,                                      -- arrive, adopt, scan, preview, notify, clock
  data jsonb not null,
  fairness_key text not null default '',                   -- the organisation: one client's flood does not hold up another
  unique_key text,                                         -- at most one waiting or running job per kind and key
  state text not null default 'ready' check (state in ('ready', 'active', 'done', 'dead')),
  priority smallint not null default 0,                    -- lower first
  run_at timestamptz not null default now(),               -- when due; of an active job: the end of its lease
  attempt int not null default 0,
  max_attempts int not null default 12,
  cursor jsonb,                                            -- where a continued job goes on
  token uuid,                                              -- the claim: a lapsed worker cannot complete a newer one
  error text,
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index job_fair on job (kind, fairness_key, priority, run_at) where state in ('ready', 'active');
create index job_active on job (kind, fairness_key) where state = 'active';
create unique index job_once on job (kind, unique_key) where state in ('ready', 'active');

create table clock_mark (                                  -- how far a periodic act has come
  name text primary key, at timestamptz not null, data jsonb not null default '{}'
);

-- ── The audit log ──────────────────────────────────────────────────────────────────────────────────────
create table audit_counter (one boolean primary key default true check (one), last bigint not null);
insert into audit_counter (last) values (0);

create table audit (
  seq bigint primary key,                                  -- gap-free, number order is commit order
  body bytea not null,                                     -- canonical JSON (RFC 8785) of the act
  leaf bytea generated always as (sha256('\x00'::bytea || body)) stored not null,   -- RFC 6962 section 2.1
  at timestamptz not null,                                 -- the rest is read from the body when the row is made
  action text not null,
  actor_id uuid,
  project_id uuid,
  document_id uuid,
  subject_id uuid                                          -- whatever else the act was about: a person, a grant, an upload
);
create index audit_project on audit (project_id, seq desc) where project_id is not null;
create index audit_document on audit (document_id, seq desc) where document_id is not null;
create index audit_actor on audit (actor_id, seq desc) where actor_id is not null;

create table audit_detail (                                -- personal details; the body holds only their salted commitment
  audit_seq bigint primary key references audit,
  salt bytea not null check (length(salt) = 32),
  detail text not null                                     -- canonical JSON; commitment = SHA-256(salt ‖ detail)
);

-- ── Indexes the rule and the lists live on (access.md) ─────────────────────────────────────────────────
create index group_nesting_inner on group_nesting (inner_id);
create index membership_container on membership (container_id, person_id);
create index node_parent on node (parent_id, name, id);
create index node_project on node (project_id, id);
create index node_closed on node (id) where not inherits;
create index node_scope on node (scope_id);
create index node_path on node using gin (path);
create index document_folder on document (folder_id, name, id) include (own_scope, created_at);
create index document_own_scope on document (project_id, folder_id, name, id) where own_scope;
create index document_project on document (project_id);
create index grant_thing on access_grant (thing_id, principal_id) include (rank, level, allows, valid_from, valid_until);
create index grant_principal on access_grant (principal_id) include (node_id, document_id, rank, level, allows, valid_from, valid_until);
create index grant_document on access_grant (document_id) where document_id is not null;
create index grant_node on access_grant (node_id) where node_id is not null;
create index lock_thing on access_lock (thing_id) include (hides, valid_from, valid_until);
create index lock_node on access_lock (node_id) where node_id is not null;
create index assignment_principal on assignment (principal_id, client_id) include (valid_from, valid_until);
create index session_person on session (person_id);
create index upload_open on upload (person_id, project_id) where state = 'open';
create index version_document on version (document_id, no desc);
create index version_unfinished on version (state) where state <> 'ready';

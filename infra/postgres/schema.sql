-- Made by "node infra/postgres/schema.ts" from migrations/. Read it; do not edit it.

-- ── Tables

create table access_grant (
  id uuid default uuidv7() not null,
  person_id uuid,
  group_id uuid,
  organisation_id uuid,
  link_id uuid,
  node_id uuid,
  document_id uuid,
  level smallint not null,
  allows boolean default true not null,
  valid_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  given_by uuid,
  note text,
  created_at timestamp with time zone default now() not null,
  principal_id uuid generated always as COALESCE(person_id, group_id, organisation_id, link_id) stored not null,
  thing_id uuid generated always as COALESCE(node_id, document_id) stored not null,
  rank smallint generated always as (
CASE
    WHEN ((person_id IS NOT NULL) OR (link_id IS NOT NULL)) THEN 4
    WHEN (group_id IS NOT NULL) THEN 2
    ELSE 0
END +
CASE
    WHEN allows THEN 0
    ELSE 1
END) stored not null,
  own_only boolean default false not null,
  revision integer default 1 not null,
  changed_by uuid,
  changed_at timestamp with time zone,
  constraint access_grant_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES person(id),
  constraint access_grant_check CHECK ((num_nonnulls(person_id, group_id, organisation_id, link_id) = 1)),
  constraint access_grant_check1 CHECK ((num_nonnulls(node_id, document_id) = 1)),
  constraint access_grant_check2 CHECK ((valid_from < valid_until)),
  constraint access_grant_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint access_grant_given_by_fkey FOREIGN KEY (given_by) REFERENCES person(id),
  constraint access_grant_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id),
  constraint access_grant_level_check CHECK (((level >= 1) AND (level <= 4))),
  constraint access_grant_link_id_fkey FOREIGN KEY (link_id) REFERENCES link(id),
  constraint access_grant_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint access_grant_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id),
  constraint access_grant_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint access_grant_pkey PRIMARY KEY (id),
  constraint grant_own_only CHECK (((NOT own_only) OR (allows AND (level < 4) AND (node_id IS NOT NULL) AND (link_id IS NULL))))
);

create table access_lock (
  id uuid default uuidv7() not null,
  node_id uuid,
  document_id uuid,
  hides boolean not null,
  valid_from timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  thing_id uuid generated always as COALESCE(node_id, document_id) stored not null,
  counts_from text,
  delay interval,
  made_by uuid,
  made_at timestamp with time zone default now() not null,
  notice_days integer default 0 not null,
  constraint access_lock_check CHECK ((num_nonnulls(node_id, document_id) = 1)),
  constraint access_lock_check1 CHECK ((valid_from < valid_until)),
  constraint access_lock_counts_from_check CHECK ((counts_from = ANY (ARRAY['upload'::text, 'change'::text]))),
  constraint access_lock_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint access_lock_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint access_lock_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint access_lock_notice_days_check CHECK (((notice_days >= 0) AND (notice_days <= 90))),
  constraint access_lock_pkey PRIMARY KEY (id),
  constraint lock_delay CHECK (((counts_from IS NULL) = (delay IS NULL)))
);

create table api_key (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  name text collate name_order not null,
  token_hash bytea not null,
  scopes text[] not null,
  project_id uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_key_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint api_key_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ '{read,upload,write,share,rule}'::text[]))),
  constraint api_key_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint api_key_token_hash_key UNIQUE (token_hash)
);

create table archive (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  project_id uuid not null,
  name text not null,
  folder_id uuid,
  documents uuid[],
  state text default 'waiting'::text not null,
  trouble text,
  count integer not null,
  size bigint not null,
  done_size bigint default 0 not null,
  zip_size bigint,
  part_size integer default 16777216 not null,
  upload_id text,
  created_at timestamp with time zone default now() not null,
  ready_at timestamp with time zone,
  expires_at timestamp with time zone default (now() + '2 days'::interval) not null,
  swept_at timestamp with time zone,
  constraint archive_check CHECK (((folder_id IS NULL) <> (documents IS NULL))),
  constraint archive_count_check CHECK ((count > 0)),
  constraint archive_part_size_check CHECK ((part_size >= 5242880)),
  constraint archive_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint archive_pkey PRIMARY KEY (id),
  constraint archive_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint archive_size_check CHECK ((size >= 0)),
  constraint archive_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'making'::text, 'ready'::text, 'failed'::text, 'expired'::text, 'deleted'::text])))
);
alter table archive enable row level security;

create table archive_delivery (
  ticket uuid default uuidv7() not null,
  archive_id uuid not null,
  project_id uuid not null,
  person_id uuid not null,
  size bigint not null,
  sent int8multirange default '{}'::int8multirange not null,
  issued_at timestamp with time zone default now() not null,
  delivered_at timestamp with time zone,
  constraint archive_delivery_archive_id_fkey FOREIGN KEY (archive_id) REFERENCES archive(id) ON DELETE CASCADE,
  constraint archive_delivery_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint archive_delivery_pkey PRIMARY KEY (ticket),
  constraint archive_delivery_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint archive_delivery_size_check CHECK ((size >= 0))
);
alter table archive_delivery enable row level security;

create table archive_file (
  archive_id uuid not null,
  place integer not null,
  project_id uuid not null,
  document_id uuid not null,
  version_id uuid not null,
  path text not null,
  size bigint not null,
  sha256 bytea,
  state text default 'waiting'::text not null,
  why text,
  zip_offset bigint,
  crc bigint,
  constraint archive_file_archive_id_fkey FOREIGN KEY (archive_id) REFERENCES archive(id) ON DELETE CASCADE,
  constraint archive_file_check CHECK (((state = 'in'::text) = ((zip_offset IS NOT NULL) AND (crc IS NOT NULL)))),
  constraint archive_file_check1 CHECK (((state = 'left_out'::text) = (why IS NOT NULL))),
  constraint archive_file_pkey PRIMARY KEY (archive_id, place),
  constraint archive_file_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint archive_file_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'in'::text, 'left_out'::text])))
);
alter table archive_file enable row level security;

create table archive_part (
  archive_id uuid not null,
  no integer not null,
  etag text not null,
  constraint archive_part_archive_id_fkey FOREIGN KEY (archive_id) REFERENCES archive(id) ON DELETE CASCADE,
  constraint archive_part_no_check CHECK (((no >= 1) AND (no <= 10000))),
  constraint archive_part_pkey PRIMARY KEY (archive_id, no)
);
alter table archive_part enable row level security;

create table assignment (
  person_id uuid,
  group_id uuid,
  client_id uuid not null,
  valid_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  principal_id uuid generated always as COALESCE(person_id, group_id) stored not null,
  constraint assignment_check CHECK ((num_nonnulls(person_id, group_id) = 1)),
  constraint assignment_check1 CHECK ((valid_from < valid_until)),
  constraint assignment_client_id_fkey FOREIGN KEY (client_id) REFERENCES organisation(id),
  constraint assignment_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id),
  constraint assignment_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint assignment_pkey PRIMARY KEY (client_id, principal_id, valid_from)
);

create table audit (
  seq bigint not null,
  body bytea not null,
  leaf bytea generated always as sha256(('\x00'::bytea || body)) stored not null,
  at timestamp with time zone not null,
  action text not null,
  actor_id uuid,
  project_id uuid,
  document_id uuid,
  subject_id uuid,
  constraint audit_pkey PRIMARY KEY (seq)
);

create table audit_counter (
  one boolean default true not null,
  last bigint not null,
  constraint audit_counter_one_check CHECK (one),
  constraint audit_counter_pkey PRIMARY KEY (one)
);

create table audit_detail (
  audit_seq bigint not null,
  salt bytea not null,
  detail text not null,
  constraint audit_detail_audit_seq_fkey FOREIGN KEY (audit_seq) REFERENCES audit(seq),
  constraint audit_detail_pkey PRIMARY KEY (audit_seq),
  constraint audit_detail_salt_check CHECK ((length(salt) = 32))
);

create table automation (
  id uuid default uuidv7() not null,
  name text collate name_order not null,
  active boolean default true not null,
  happens text not null,
  age_days integer,
  place_id uuid,
  conditions jsonb not null,
  actions jsonb not null,
  made_by uuid not null,
  key_id uuid not null,
  from_seq bigint not null,
  made_at timestamp with time zone default date_trunc('milliseconds'::text, now()) not null,
  changed_at timestamp with time zone default date_trunc('milliseconds'::text, now()) not null,
  ended_at timestamp with time zone,
  constraint automation_age_days_check CHECK (((age_days >= 1) AND (age_days <= 3650))),
  constraint automation_check CHECK (((happens = 'age'::text) = (age_days IS NOT NULL))),
  constraint automation_happens_check CHECK ((happens = ANY (ARRAY['arrives'::text, 'ready'::text, 'link_opened'::text, 'age'::text]))),
  constraint automation_key_id_fkey FOREIGN KEY (key_id) REFERENCES api_key(id),
  constraint automation_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint automation_name_check CHECK ((name <> ''::text)),
  constraint automation_pkey PRIMARY KEY (id),
  constraint automation_place_id_fkey FOREIGN KEY (place_id) REFERENCES node(id)
);
alter table automation enable row level security;

create table automation_run (
  id uuid default uuidv7() not null,
  automation_id uuid not null,
  project_id uuid not null,
  document_id uuid not null,
  version_id uuid not null,
  cause bigint not null,
  state text default 'waiting'::text not null,
  steps jsonb default '[]'::jsonb not null,
  at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint automation_run_automation_id_fkey FOREIGN KEY (automation_id) REFERENCES automation(id),
  constraint automation_run_automation_id_version_id_cause_key UNIQUE (automation_id, version_id, cause),
  constraint automation_run_pkey PRIMARY KEY (id),
  constraint automation_run_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint automation_run_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text, 'not_meant'::text])))
);
alter table automation_run enable row level security;

create table backup (
  id uuid default uuidv7() not null,
  begun_at timestamp with time zone not null,
  ended_at timestamp with time zone default now() not null,
  every_minutes integer not null,
  run text,
  problem text,
  database_bytes bigint,
  database_added bigint,
  objects_bytes bigint,
  objects_added bigint,
  kept integer,
  constraint backup_check CHECK (((run IS NULL) = (problem IS NOT NULL))),
  constraint backup_check1 CHECK ((begun_at <= ended_at)),
  constraint backup_every_minutes_check CHECK ((every_minutes > 0)),
  constraint backup_pkey PRIMARY KEY (id)
);

create table backup_drill (
  id uuid default uuidv7() not null,
  backup_id uuid not null,
  begun_at timestamp with time zone not null,
  ended_at timestamp with time zone default now() not null,
  problem text,
  log_rows bigint,
  documents integer,
  constraint backup_drill_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES backup(id),
  constraint backup_drill_check CHECK ((begun_at <= ended_at)),
  constraint backup_drill_pkey PRIMARY KEY (id)
);

create table backup_recent (
  id boolean default true not null,
  every_seconds integer not null,
  run text,
  at timestamp with time zone,
  documents_at timestamp with time zone,
  tried_at timestamp with time zone default now() not null,
  problem text,
  seconds double precision,
  bytes bigint,
  constraint backup_recent_every_seconds_check CHECK ((every_seconds > 0)),
  constraint backup_recent_id_check CHECK (id),
  constraint backup_recent_pkey PRIMARY KEY (id)
);

create table backup_running (
  id boolean default true not null,
  begun_at timestamp with time zone not null,
  step text not null,
  part real,
  told_at timestamp with time zone default now() not null,
  constraint backup_running_id_check CHECK (id),
  constraint backup_running_part_check CHECK (((part >= (0)::double precision) AND (part <= (1)::double precision))),
  constraint backup_running_pkey PRIMARY KEY (id),
  constraint backup_running_step_check CHECK ((step = ANY (ARRAY['database'::text, 'objects'::text, 'recent'::text, 'drill'::text])))
);

create table clock_mark (
  name text not null,
  at timestamp with time zone not null,
  data jsonb default '{}'::jsonb not null,
  constraint clock_mark_pkey PRIMARY KEY (name)
);

create table comment (
  id uuid default uuidv7() not null,
  project_id uuid not null,
  author_id uuid not null,
  documents uuid[] not null,
  mentions uuid[] default '{}'::uuid[] not null,
  text text not null,
  taken_back_at timestamp with time zone,
  constraint comment_author_id_fkey FOREIGN KEY (author_id) REFERENCES person(id),
  constraint comment_check CHECK (((text = ''::text) = (taken_back_at IS NOT NULL))),
  constraint comment_documents_check CHECK (((cardinality(documents) >= 1) AND (cardinality(documents) <= 50))),
  constraint comment_pkey PRIMARY KEY (id),
  constraint comment_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint comment_text_check CHECK ((length(text) <= 4000))
);
alter table comment enable row level security;

create table delivery (
  ticket uuid default uuidv7() not null,
  version_id uuid not null,
  document_id uuid not null,
  project_id uuid not null,
  person_id uuid,
  size bigint not null,
  sent int8multirange default '{}'::int8multirange not null,
  issued_at timestamp with time zone default now() not null,
  delivered_at timestamp with time zone,
  link_id uuid,
  constraint delivery_check CHECK ((num_nonnulls(person_id, link_id) = 1)),
  constraint delivery_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint delivery_link_id_fkey FOREIGN KEY (link_id) REFERENCES link(id),
  constraint delivery_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint delivery_pkey PRIMARY KEY (ticket),
  constraint delivery_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint delivery_size_check CHECK ((size >= 0)),
  constraint delivery_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id)
);
alter table delivery enable row level security;

create table deputy (
  id uuid default uuidv7() not null,
  absent_id uuid not null,
  deputy_id uuid not null,
  valid_from timestamp with time zone default now() not null,
  valid_until timestamp with time zone not null,
  named_by uuid not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  ended_by uuid,
  counts_until timestamp with time zone generated always as LEAST(valid_until, ended_at) stored not null,
  constraint deputy_absent_id_fkey FOREIGN KEY (absent_id) REFERENCES person(id),
  constraint deputy_check CHECK ((absent_id <> deputy_id)),
  constraint deputy_check1 CHECK ((named_by <> deputy_id)),
  constraint deputy_check2 CHECK ((valid_from < valid_until)),
  constraint deputy_check3 CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
  constraint deputy_deputy_id_fkey FOREIGN KEY (deputy_id) REFERENCES person(id),
  constraint deputy_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES person(id),
  constraint deputy_named_by_fkey FOREIGN KEY (named_by) REFERENCES person(id),
  constraint deputy_pkey PRIMARY KEY (id)
);
alter table deputy enable row level security;

create table deputy_told (
  deputyship_id uuid not null,
  person_id uuid not null,
  read_at timestamp with time zone,
  constraint deputy_told_deputyship_id_fkey FOREIGN KEY (deputyship_id) REFERENCES deputy(id),
  constraint deputy_told_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint deputy_told_pkey PRIMARY KEY (deputyship_id, person_id)
);

create table device (
  token_hash bytea not null,
  person_id uuid not null,
  first_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null,
  constraint device_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint device_pkey PRIMARY KEY (person_id, token_hash),
  constraint device_token_hash_check CHECK ((length(token_hash) = 32))
);

create table document (
  id uuid default uuidv7() not null,
  folder_id uuid not null,
  project_id uuid not null,
  name text collate name_order not null,
  created_by uuid,
  created_at timestamp with time zone default now() not null,
  own_scope boolean default false not null,
  current_version_id uuid,
  tags text[] default '{}'::text[] not null,
  description text default ''::text not null,
  described_at timestamp with time zone,
  inherits boolean default true not null,
  changed_at timestamp with time zone default now() not null,
  waits boolean default false not null,
  constraint document_created_by_fkey FOREIGN KEY (created_by) REFERENCES person(id),
  constraint document_current_version_id_fkey FOREIGN KEY (current_version_id) REFERENCES version(id) DEFERRABLE INITIALLY DEFERRED,
  constraint document_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES node(id),
  constraint document_pkey PRIMARY KEY (id),
  constraint document_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint document_tags_check CHECK ((cardinality(tags) <= 20))
);
alter table document enable row level security;

create table door_code (
  session_id uuid not null,
  id uuid default uuidv7() not null,
  kind text not null,
  purpose text not null,
  hash text not null,
  phone text,
  tries smallint default 0 not null,
  expires_at timestamp with time zone not null,
  constraint door_code_id_key UNIQUE (id),
  constraint door_code_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'sms'::text]))),
  constraint door_code_pkey PRIMARY KEY (session_id),
  constraint door_code_purpose_check CHECK ((purpose = ANY (ARRAY['enter'::text, 'set_up'::text, 'prove'::text]))),
  constraint door_code_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE
);

create table emergency (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  grant_id uuid,
  project_id uuid not null,
  document_id uuid,
  level smallint not null,
  reason text not null,
  begun_at timestamp with time zone default now() not null,
  valid_until timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by uuid,
  end_noted boolean default false not null,
  constraint emergency_check CHECK ((valid_until <= (begun_at + '04:00:00'::interval))),
  constraint emergency_check1 CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
  constraint emergency_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint emergency_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES person(id),
  constraint emergency_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES access_grant(id) ON DELETE SET NULL,
  constraint emergency_level_check CHECK (((level >= 1) AND (level <= 3))),
  constraint emergency_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint emergency_pkey PRIMARY KEY (id),
  constraint emergency_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint emergency_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);
alter table emergency enable row level security;

create table emergency_told (
  emergency_id uuid not null,
  person_id uuid not null,
  read_at timestamp with time zone,
  constraint emergency_told_emergency_id_fkey FOREIGN KEY (emergency_id) REFERENCES emergency(id),
  constraint emergency_told_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint emergency_told_pkey PRIMARY KEY (emergency_id, person_id)
);

create table exclusion (
  person_id uuid not null,
  client_id uuid not null,
  reason text not null,
  created_at timestamp with time zone default now() not null,
  constraint exclusion_client_id_fkey FOREIGN KEY (client_id) REFERENCES organisation(id),
  constraint exclusion_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint exclusion_pkey PRIMARY KEY (person_id, client_id)
);

create table favourite (
  person_id uuid not null,
  document_id uuid not null,
  project_id uuid not null,
  at timestamp with time zone default now() not null,
  constraint favourite_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint favourite_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint favourite_pkey PRIMARY KEY (person_id, document_id),
  constraint favourite_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id)
);

create table firm (
  one boolean default true not null,
  node_id uuid not null,
  name text not null,
  time_zone text default 'Europe/Berlin'::text not null,
  locale text default 'de'::text not null,
  deliver_unscanned boolean default true not null,
  made_by_demo boolean default false not null,
  created_at timestamp with time zone default now() not null,
  link_days_max integer default 90 not null,
  imprint jsonb default '{}'::jsonb not null,
  privacy jsonb default '{}'::jsonb not null,
  guest_days_max integer default 180 not null,
  second_factor_for text default 'everybody'::text not null,
  second_factor_days integer default 3 not null,
  second_factor_since timestamp with time zone default '-infinity'::timestamp with time zone not null,
  email_codes boolean default false not null,
  sms_codes boolean default false not null,
  way_in_four_eyes boolean default false not null,
  constraint firm_guest_days_max_check CHECK (((guest_days_max >= 1) AND (guest_days_max <= 1095))),
  constraint firm_imprint_check CHECK ((jsonb_typeof(imprint) = 'object'::text)),
  constraint firm_link_days_max_check CHECK (((link_days_max >= 1) AND (link_days_max <= 3650))),
  constraint firm_locale_check CHECK ((locale = ANY (ARRAY['de'::text, 'en'::text, 'sv'::text]))),
  constraint firm_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id),
  constraint firm_one_check CHECK (one),
  constraint firm_pkey PRIMARY KEY (one),
  constraint firm_privacy_check CHECK ((jsonb_typeof(privacy) = 'object'::text)),
  constraint firm_second_factor_days_check CHECK (((second_factor_days >= 0) AND (second_factor_days <= 30))),
  constraint firm_second_factor_for_check CHECK ((second_factor_for = ANY (ARRAY['everybody'::text, 'staff'::text, 'nobody'::text])))
);

create table first_step (
  person_id uuid not null,
  skipped text[] default '{}'::text[] not null,
  again boolean default false not null,
  constraint first_step_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint first_step_pkey PRIMARY KEY (person_id),
  constraint first_step_skipped_check CHECK ((skipped <@ '{read,send,notices,project,invite,access}'::text[]))
);

create table group_nesting (
  outer_id uuid not null,
  inner_id uuid not null,
  constraint group_nesting_check CHECK ((outer_id <> inner_id)),
  constraint group_nesting_inner_id_fkey FOREIGN KEY (inner_id) REFERENCES groups(id),
  constraint group_nesting_outer_id_fkey FOREIGN KEY (outer_id) REFERENCES groups(id),
  constraint group_nesting_pkey PRIMARY KEY (outer_id, inner_id)
);

create table groups (
  id uuid default uuidv7() not null,
  name text collate name_order not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint groups_pkey PRIMARY KEY (id)
);

create table idempotency (
  person_id uuid not null,
  key text not null,
  request_hash bytea not null,
  status smallint,
  body jsonb,
  created_at timestamp with time zone default now() not null,
  claim uuid,
  constraint idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint idempotency_pkey PRIMARY KEY (person_id, key)
);

create table identity (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  issuer text not null,
  subject text not null,
  linked_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default now() not null,
  shut_at timestamp with time zone,
  constraint identity_issuer_person_id_key UNIQUE (issuer, person_id),
  constraint identity_issuer_subject_key UNIQUE (issuer, subject),
  constraint identity_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint identity_pkey PRIMARY KEY (id),
  constraint identity_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);

create table identity_provider (
  one boolean default true not null,
  enabled boolean not null,
  name text not null,
  issuer text not null,
  client_id text not null,
  client_secret text not null,
  scopes text not null,
  role_claim text not null,
  roles jsonb not null,
  factors text not null,
  factor_values text[] not null,
  trusts_email boolean not null,
  creates_accounts boolean not null,
  passwords_off boolean not null,
  changed_at timestamp with time zone default now() not null,
  connected_at timestamp with time zone default now() not null,
  constraint identity_provider_check CHECK ((enabled OR (NOT passwords_off))),
  constraint identity_provider_factors_check CHECK ((factors = ANY (ARRAY['own'::text, 'claims'::text, 'always'::text]))),
  constraint identity_provider_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
  constraint identity_provider_one_check CHECK (one),
  constraint identity_provider_pkey PRIMARY KEY (one),
  constraint identity_provider_roles_check CHECK ((jsonb_typeof(roles) = 'object'::text))
);

create table inbox (
  id bigint generated always as identity not null,
  bucket text not null,
  key text not null,
  object_version_id text not null,
  kind text not null,
  source text not null,
  size bigint,
  received_at timestamp with time zone default now() not null,
  trace text default trace_now(),
  constraint inbox_bucket_key_object_version_id_kind_key UNIQUE (bucket, key, object_version_id, kind),
  constraint inbox_kind_check CHECK ((kind = ANY (ARRAY['created'::text, 'removed'::text]))),
  constraint inbox_pkey PRIMARY KEY (id),
  constraint inbox_source_check CHECK ((source = ANY (ARRAY['event'::text, 'api'::text, 'reconciliation'::text])))
);

create table inbox_unreadable (
  id bigint generated always as identity not null,
  body bytea not null,
  reason text not null,
  received_at timestamp with time zone default now() not null,
  constraint inbox_unreadable_pkey PRIMARY KEY (id)
);

create table incident (
  id bigint generated always as identity not null,
  kind text not null,
  detail jsonb not null,
  noticed_at timestamp with time zone default now() not null,
  constraint incident_pkey PRIMARY KEY (id)
);

create table job (
  id uuid default uuidv7() not null,
  kind text not null,
  data jsonb not null,
  fairness_key text default ''::text not null,
  unique_key text,
  state text default 'ready'::text not null,
  priority smallint default 0 not null,
  run_at timestamp with time zone default now() not null,
  attempt integer default 0 not null,
  max_attempts integer default 12 not null,
  cursor jsonb,
  token uuid,
  error text,
  created_at timestamp with time zone default now() not null,
  done_at timestamp with time zone,
  called text,
  trace text default trace_now(),
  patience_from timestamp with time zone default now() not null,
  constraint job_pkey PRIMARY KEY (id),
  constraint job_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'active'::text, 'done'::text, 'dead'::text])))
);

create table job_attempt (
  id bigint generated always as identity not null,
  job_id uuid not null,
  outcome text not null,
  attempt integer not null,
  error text,
  called text,
  times integer default 1 not null,
  first_at timestamp with time zone default clock_timestamp() not null,
  last_at timestamp with time zone default clock_timestamp() not null,
  constraint job_attempt_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  constraint job_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['failed'::text, 'lapsed'::text, 'dead'::text, 'again'::text]))),
  constraint job_attempt_pkey PRIMARY KEY (id)
);

create table link (
  id uuid default uuidv7() not null,
  made_by uuid not null,
  valid_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  project_id uuid,
  recipient text default ''::text not null,
  secret_hash bytea,
  password_hash text,
  max_opens integer,
  opens integer default 0 not null,
  note text,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  renewal_asked_at timestamp with time zone,
  looks integer default 0 not null,
  request_hash bytea,
  constraint link_check CHECK ((valid_from < valid_until)),
  constraint link_check1 CHECK (((max_opens IS NULL) OR (opens <= max_opens))),
  constraint link_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint link_max_opens_check CHECK ((max_opens >= 1)),
  constraint link_pkey PRIMARY KEY (id),
  constraint link_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint link_request_hash_check CHECK ((length(request_hash) = 32)),
  constraint link_secret_hash_check CHECK ((length(secret_hash) = 32))
);

create table lock_announced (
  lock_id uuid not null,
  thing_id uuid not null,
  begins_at timestamp with time zone not null,
  at timestamp with time zone default now() not null,
  constraint lock_announced_lock_id_fkey FOREIGN KEY (lock_id) REFERENCES access_lock(id) ON DELETE CASCADE,
  constraint lock_announced_pkey PRIMARY KEY (lock_id, thing_id, begins_at)
);

create table lock_exception (
  lock_id uuid not null,
  document_id uuid not null,
  made_by uuid not null,
  at timestamp with time zone default now() not null,
  constraint lock_exception_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint lock_exception_lock_id_fkey FOREIGN KEY (lock_id) REFERENCES access_lock(id) ON DELETE CASCADE,
  constraint lock_exception_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint lock_exception_pkey PRIMARY KEY (lock_id, document_id)
);

create table membership (
  person_id uuid not null,
  group_id uuid,
  organisation_id uuid,
  valid_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  container_id uuid generated always as COALESCE(group_id, organisation_id) stored not null,
  administers boolean default false not null,
  constraint membership_check CHECK ((num_nonnulls(group_id, organisation_id) = 1)),
  constraint membership_check1 CHECK ((valid_from < valid_until)),
  constraint membership_check2 CHECK (((NOT administers) OR (organisation_id IS NOT NULL))),
  constraint membership_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id),
  constraint membership_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisation(id),
  constraint membership_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint membership_pkey PRIMARY KEY (person_id, container_id, valid_from)
);

create table migration (
  name text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migration_pkey PRIMARY KEY (name)
);

create table name_text (
  thing_id uuid not null,
  kind text not null,
  project_id uuid not null,
  vector tsvector not null,
  constraint name_text_kind_check CHECK ((kind = ANY (ARRAY['project'::text, 'folder'::text, 'document'::text]))),
  constraint name_text_pkey PRIMARY KEY (thing_id)
);
alter table name_text enable row level security;

create table node (
  id uuid default uuidv7() not null,
  kind text not null,
  parent_id uuid,
  project_id uuid,
  client_id uuid,
  name text collate name_order not null,
  inherits boolean default true not null,
  walls boolean default false not null,
  path uuid[] not null,
  cut smallint default 1 not null,
  scope_id uuid not null,
  created_at timestamp with time zone default now() not null,
  four_eyes boolean default false not null,
  constraint node_check CHECK (((kind = 'firm'::text) = (parent_id IS NULL))),
  constraint node_client_id_fkey FOREIGN KEY (client_id) REFERENCES organisation(id),
  constraint node_kind_check CHECK ((kind = ANY (ARRAY['firm'::text, 'project'::text, 'folder'::text]))),
  constraint node_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES node(id),
  constraint node_pkey PRIMARY KEY (id),
  constraint node_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id)
);

create table notice (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  project_id uuid not null,
  kind text not null,
  things uuid[] not null,
  created_at timestamp with time zone default now() not null,
  last_at timestamp with time zone default date_trunc('milliseconds'::text, now()) not null,
  read_at timestamp with time zone,
  mail_at timestamp with time zone,
  mail_job uuid,
  mailed_at timestamp with time zone,
  constraint notice_kind_check CHECK ((kind = ANY (ARRAY['document'::text, 'version'::text, 'access'::text, 'renewal'::text, 'comment'::text, 'archive'::text, 'archive_failed'::text, 'guest'::text, 'lock'::text, 'rule'::text, 'rule_failed'::text]))),
  constraint notice_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint notice_pkey PRIMARY KEY (id),
  constraint notice_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint notice_things_check CHECK ((cardinality(things) > 0))
);
alter table notice enable row level security;

create table notice_setting (
  person_id uuid not null,
  project_id uuid,
  pace text not null,
  constraint notice_setting_pace_check CHECK ((pace = ANY (ARRAY['at_once'::text, 'hourly'::text, 'daily'::text, 'weekly'::text, 'off'::text]))),
  constraint notice_setting_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint notice_setting_person_id_project_id_key UNIQUE NULLS NOT DISTINCT (person_id, project_id),
  constraint notice_setting_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id)
);
alter table notice_setting enable row level security;

create table one_time_link (
  id uuid default uuidv7() not null,
  secret_hash bytea not null,
  purpose text not null,
  person_id uuid,
  made_by uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  email text,
  session_id uuid,
  constraint one_time_link_check CHECK (((purpose = 'setup'::text) = (person_id IS NULL))),
  constraint one_time_link_email_check CHECK (((purpose = ANY (ARRAY['email'::text, 'email-undo'::text])) = (email IS NOT NULL))),
  constraint one_time_link_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint one_time_link_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint one_time_link_pkey PRIMARY KEY (id),
  constraint one_time_link_purpose_check CHECK ((purpose = ANY (ARRAY['setup'::text, 'invitation'::text, 'reset'::text, 'email'::text, 'email-undo'::text]))),
  constraint one_time_link_secret_hash_check CHECK ((length(secret_hash) = 32)),
  constraint one_time_link_session_check CHECK (((purpose = 'email'::text) = (session_id IS NOT NULL))),
  constraint one_time_link_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE
);

create table opened (
  person_id uuid not null,
  document_id uuid not null,
  project_id uuid not null,
  version_id uuid not null,
  at timestamp with time zone default now() not null,
  constraint opened_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint opened_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint opened_pkey PRIMARY KEY (person_id, document_id),
  constraint opened_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint opened_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id)
);

create table organisation (
  id uuid default uuidv7() not null,
  name text collate name_order not null,
  created_at timestamp with time zone default now() not null,
  constraint organisation_pkey PRIMARY KEY (id)
);

create table page (
  version_id uuid not null,
  project_id uuid not null,
  no integer not null,
  width integer not null,
  height integer not null,
  image_key text not null,
  thumbnail_key text not null,
  text_key text,
  constraint page_no_check CHECK ((no >= 1)),
  constraint page_pkey PRIMARY KEY (version_id, no),
  constraint page_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint page_version_id_fkey FOREIGN KEY (version_id) REFERENCES version(id)
);
alter table page enable row level security;

create table page_text (
  version_id uuid not null,
  no integer not null,
  document_id uuid not null,
  project_id uuid not null,
  words text not null,
  vector tsvector not null,
  constraint page_text_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint page_text_pkey PRIMARY KEY (version_id, no),
  constraint page_text_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint page_text_version_id_no_fkey FOREIGN KEY (version_id, no) REFERENCES page(version_id, no) ON DELETE CASCADE
);
alter table page_text enable row level security;

create table passkey (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  credential_id text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  constraint passkey_counter_check CHECK ((counter >= 0)),
  constraint passkey_credential_id_key UNIQUE (credential_id),
  constraint passkey_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255))),
  constraint passkey_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint passkey_pkey PRIMARY KEY (id)
);

create table passkey_challenge (
  hash bytea not null,
  purpose text not null,
  holder bytea not null,
  expires_at timestamp with time zone not null,
  constraint passkey_challenge_hash_check CHECK ((length(hash) = 32)),
  constraint passkey_challenge_holder_check CHECK ((length(holder) = 32)),
  constraint passkey_challenge_pkey PRIMARY KEY (hash),
  constraint passkey_challenge_purpose_check CHECK ((purpose = ANY (ARRAY['add'::text, 'second_factor'::text, 'sign_in'::text, 'prove'::text])))
);

create table person (
  id uuid default uuidv7() not null,
  name text collate name_order not null,
  email text not null,
  email_key text not null,
  staff_role text,
  capped_by uuid,
  locale text default 'de'::text not null,
  time_zone text,
  password_hash text,
  totp_secret text,
  totp_confirmed_at timestamp with time zone,
  totp_last_step bigint,
  valid_from timestamp with time zone default '-infinity'::timestamp with time zone not null,
  valid_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  unread_since timestamp with time zone default now() not null,
  employer_id uuid,
  password_alone boolean default false not null,
  factor_days_from timestamp with time zone,
  email_code_since timestamp with time zone,
  phone text,
  phone_since timestamp with time zone,
  joined_at timestamp with time zone,
  placeholder_for text,
  constraint person_capped_by_fkey FOREIGN KEY (capped_by) REFERENCES person(id),
  constraint person_check CHECK ((valid_from < valid_until)),
  constraint person_check1 CHECK ((capped_by <> id)),
  constraint person_check2 CHECK (((employer_id IS NULL) OR ((capped_by IS NOT NULL) AND (staff_role IS NULL)))),
  constraint person_check3 CHECK (((phone IS NULL) = (phone_since IS NULL))),
  constraint person_check4 CHECK (((placeholder_for IS NULL) OR ((employer_id IS NOT NULL) AND (password_hash IS NULL) AND (joined_at IS NULL)))),
  constraint person_email_key_key UNIQUE (email_key),
  constraint person_employer_id_fkey FOREIGN KEY (employer_id) REFERENCES organisation(id),
  constraint person_locale_check CHECK ((locale = ANY (ARRAY['de'::text, 'en'::text, 'sv'::text]))),
  constraint person_pkey PRIMARY KEY (id),
  constraint person_staff_role_check CHECK ((staff_role = ANY (ARRAY['administrator'::text, 'staff'::text, 'assistant'::text, 'auditor'::text])))
);

create table project_guest (
  project_id uuid not null,
  person_id uuid not null,
  sponsor_id uuid not null,
  valid_until timestamp with time zone not null,
  reminded smallint default 0 not null,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  told_without uuid,
  constraint project_guest_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint project_guest_pkey PRIMARY KEY (project_id, person_id),
  constraint project_guest_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint project_guest_reminded_check CHECK ((reminded = ANY (ARRAY[0, 1, 2]))),
  constraint project_guest_sponsor_id_fkey FOREIGN KEY (sponsor_id) REFERENCES person(id),
  constraint project_guest_told_without_fkey FOREIGN KEY (told_without) REFERENCES person(id)
);
alter table project_guest enable row level security;

create table provider_visit (
  state_hash bytea not null,
  holder bytea not null,
  session_id uuid,
  sealed text not null,
  next text not null,
  begun_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint provider_visit_holder_check CHECK ((length(holder) = 32)),
  constraint provider_visit_pkey PRIMARY KEY (state_hash),
  constraint provider_visit_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE,
  constraint provider_visit_state_hash_check CHECK ((length(state_hash) = 32))
);

create table rate_limit (
  key character varying(255) not null,
  points integer default 0 not null,
  expire bigint,
  constraint rate_limit_pkey PRIMARY KEY (key)
);

create table read_until (
  person_id uuid not null,
  project_id uuid not null,
  at timestamp with time zone not null,
  constraint read_until_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint read_until_pkey PRIMARY KEY (person_id, project_id),
  constraint read_until_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id)
);

create table reconciliation (
  id uuid default uuidv7() not null,
  begun_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  place jsonb,
  objects bigint default 0 not null,
  versions bigint default 0 not null,
  inbox_rows integer default 0 not null,
  redrawn integer default 0 not null,
  acts integer default 0 not null,
  dangling integer default 0 not null,
  orphans integer default 0 not null,
  drops integer default 0 not null,
  leftovers integer default 0 not null,
  findings jsonb default '[]'::jsonb not null,
  constraint reconciliation_check CHECK (((ended_at IS NULL) = (place IS NOT NULL))),
  constraint reconciliation_pkey PRIMARY KEY (id)
);

create table recovery_code (
  person_id uuid not null,
  hash bytea not null,
  made_at timestamp with time zone default now() not null,
  used_at timestamp with time zone,
  constraint recovery_code_hash_check CHECK ((length(hash) = 32)),
  constraint recovery_code_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint recovery_code_pkey PRIMARY KEY (person_id, hash)
);

create table search_shelf (
  no integer not null,
  first_id uuid not null,
  constraint search_shelf_first_id_key UNIQUE (first_id),
  constraint search_shelf_pkey PRIMARY KEY (no)
);
alter table search_shelf enable row level security;

create table search_spread (
  project_id uuid not null,
  shelf integer not null,
  constraint search_spread_pkey PRIMARY KEY (project_id, shelf),
  constraint search_spread_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint search_spread_shelf_fkey FOREIGN KEY (shelf) REFERENCES search_shelf(no)
);
alter table search_spread enable row level security;

create table seen_as (
  id uuid default uuidv7() not null,
  session_id uuid not null,
  person_id uuid not null,
  made_by uuid not null,
  valid_from timestamp with time zone default now() not null,
  valid_until timestamp with time zone default (now() + '00:30:00'::interval) not null,
  constraint seen_as_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint seen_as_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint seen_as_pkey PRIMARY KEY (id),
  constraint seen_as_session_id_fkey FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE
);
alter table seen_as enable row level security;

create table session (
  token_hash bytea not null,
  id uuid default uuidv7() not null,
  person_id uuid not null,
  factors smallint not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  user_agent text,
  proved_at timestamp with time zone default now() not null,
  place text,
  alone boolean default false not null,
  identity_id uuid,
  constraint session_factors_check CHECK ((factors = ANY (ARRAY[1, 2]))),
  constraint session_id_key UNIQUE (id),
  constraint session_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity(id) ON DELETE CASCADE,
  constraint session_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint session_pkey PRIMARY KEY (token_hash),
  constraint session_token_hash_check CHECK ((length(token_hash) = 32))
);

create table trash (
  id uuid default uuidv7() not null,
  thing_id uuid not null,
  project_id uuid not null,
  lock_id uuid not null,
  by_id uuid not null,
  at timestamp with time zone default now() not null,
  restored_at timestamp with time zone,
  emptied_at timestamp with time zone,
  emptied_by uuid,
  erased_at timestamp with time zone,
  constraint trash_by_id_fkey FOREIGN KEY (by_id) REFERENCES person(id),
  constraint trash_check CHECK (((emptied_at IS NULL) OR (restored_at IS NULL))),
  constraint trash_emptied_by_fkey FOREIGN KEY (emptied_by) REFERENCES person(id),
  constraint trash_lock_id_fkey FOREIGN KEY (lock_id) REFERENCES access_lock(id),
  constraint trash_pkey PRIMARY KEY (id),
  constraint trash_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id)
);
alter table trash enable row level security;

create table upload (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  project_id uuid not null,
  folder_id uuid not null,
  document_id uuid not null,
  version_id uuid not null,
  name text not null,
  size bigint not null,
  declared_type text not null,
  head_sha256 bytea,
  last_modified timestamp with time zone,
  part_size integer not null,
  store_upload_id text,
  state text default 'open'::text not null,
  created_at timestamp with time zone default now() not null,
  touched_at timestamp with time zone default now() not null,
  of_document_id uuid,
  restores uuid,
  copies uuid,
  trace text default trace_now(),
  constraint upload_copies_fkey FOREIGN KEY (copies) REFERENCES version(id) ON DELETE CASCADE,
  constraint upload_document_id_key UNIQUE (document_id),
  constraint upload_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES node(id),
  constraint upload_head_sha256_check CHECK ((length(head_sha256) = 32)),
  constraint upload_of_document_id_fkey FOREIGN KEY (of_document_id) REFERENCES document(id) ON DELETE SET NULL,
  constraint upload_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint upload_pkey PRIMARY KEY (id),
  constraint upload_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint upload_restores_fkey FOREIGN KEY (restores) REFERENCES version(id) ON DELETE CASCADE,
  constraint upload_size_check CHECK ((size >= 0)),
  constraint upload_state_check CHECK ((state = ANY (ARRAY['open'::text, 'completed'::text, 'aborted'::text]))),
  constraint upload_version_id_key UNIQUE (version_id)
);
alter table upload enable row level security;

create table version (
  id uuid default uuidv7() not null,
  document_id uuid not null,
  project_id uuid not null,
  no integer not null,
  object_key text not null,
  object_version_id text not null,
  size bigint not null,
  declared_type text not null,
  detected_type text,
  sha256 bytea,
  created_by uuid,
  received_at timestamp with time zone default now() not null,
  state text default 'received'::text not null,
  scan_result text,
  scan_detail text,
  preview_result text,
  page_count integer,
  released_by uuid,
  released_at timestamp with time zone,
  restored_from uuid,
  erased_at timestamp with time zone,
  drop_key text,
  drop_object_version_id text,
  waits boolean default false not null,
  shown_by uuid,
  shown_at timestamp with time zone,
  scan_engine text,
  scan_signatures integer,
  scanned_at timestamp with time zone,
  constraint version_created_by_fkey FOREIGN KEY (created_by) REFERENCES person(id),
  constraint version_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id),
  constraint version_document_id_no_key UNIQUE (document_id, no),
  constraint version_object_key_key UNIQUE (object_key),
  constraint version_pkey PRIMARY KEY (id),
  constraint version_preview_result_check CHECK ((preview_result = ANY (ARRAY['complete'::text, 'unsupported'::text, 'broken'::text, 'encrypted'::text, 'too_complex'::text, 'empty'::text]))),
  constraint version_project_id_fkey FOREIGN KEY (project_id) REFERENCES node(id),
  constraint version_released_by_fkey FOREIGN KEY (released_by) REFERENCES person(id),
  constraint version_restored_from_fkey FOREIGN KEY (restored_from) REFERENCES version(id) ON DELETE SET NULL,
  constraint version_scan_result_check CHECK ((scan_result = ANY (ARRAY['clean'::text, 'infected'::text, 'not_scanned'::text, 'too_large'::text]))),
  constraint version_sha256_check CHECK ((length(sha256) = 32)),
  constraint version_shown CHECK ((NOT (waits AND (shown_at IS NOT NULL)))),
  constraint version_shown_by_fkey FOREIGN KEY (shown_by) REFERENCES person(id),
  constraint version_size_check CHECK ((size >= 0)),
  constraint version_state_check CHECK ((state = ANY (ARRAY['received'::text, 'checked'::text, 'previewing'::text, 'ready'::text, 'held'::text])))
);
alter table version enable row level security;

create table visit (
  token_hash bytea not null,
  id uuid default uuidv7() not null,
  link_id uuid not null,
  name text not null,
  device text not null,
  opened_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint visit_id_key UNIQUE (id),
  constraint visit_link_id_fkey FOREIGN KEY (link_id) REFERENCES link(id),
  constraint visit_pkey PRIMARY KEY (token_hash),
  constraint visit_token_hash_check CHECK ((length(token_hash) = 32))
);

create table way_in (
  id uuid default uuidv7() not null,
  person_id uuid not null,
  hash text,
  made_by uuid not null,
  made_at timestamp with time zone default now() not null,
  four_eyes boolean not null,
  confirmed_by uuid,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  withdrawn_at timestamp with time zone,
  constraint way_in_check CHECK (((confirmed_by IS NULL) OR (four_eyes AND (confirmed_by <> made_by) AND (confirmed_by <> person_id)))),
  constraint way_in_check1 CHECK ((made_by <> person_id)),
  constraint way_in_confirmed_by_fkey FOREIGN KEY (confirmed_by) REFERENCES person(id),
  constraint way_in_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint way_in_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id),
  constraint way_in_pkey PRIMARY KEY (id)
);

create table webhook (
  id uuid default uuidv7() not null,
  name text collate name_order not null,
  url text not null,
  types text[] not null,
  projects uuid[] default '{}'::uuid[] not null,
  secret text not null,
  old_secret text,
  old_until timestamp with time zone,
  state text default 'on'::text not null,
  state_at timestamp with time zone default now() not null,
  told_to uuid[] default '{}'::uuid[] not null,
  from_seq bigint not null,
  failures integer default 0 not null,
  quiet_until timestamp with time zone,
  answered_at timestamp with time zone,
  made_by uuid not null,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint webhook_check CHECK (((old_secret IS NULL) = (old_until IS NULL))),
  constraint webhook_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id),
  constraint webhook_pkey PRIMARY KEY (id),
  constraint webhook_state_check CHECK ((state = ANY (ARRAY['on'::text, 'off'::text, 'resting'::text, 'gone'::text]))),
  constraint webhook_types_check CHECK ((cardinality(types) > 0))
);

create table webhook_delivery (
  id uuid default uuidv7() not null,
  webhook_id uuid not null,
  audit_seq bigint,
  type text not null,
  state text default 'waiting'::text not null,
  attempts integer default 0 not null,
  status integer,
  reason text,
  created_at timestamp with time zone default now() not null,
  due_since timestamp with time zone default now() not null,
  next_at timestamp with time zone default now() not null,
  last_at timestamp with time zone,
  constraint webhook_delivery_audit_seq_fkey FOREIGN KEY (audit_seq) REFERENCES audit(seq),
  constraint webhook_delivery_pkey PRIMARY KEY (id),
  constraint webhook_delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text]))),
  constraint webhook_delivery_webhook_id_audit_seq_key UNIQUE (webhook_id, audit_seq),
  constraint webhook_delivery_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhook(id)
);

-- ── Views, sequences, collations

create collation name_order (provider = i, locale = 'und-u-kn-true');

create sequence announcement;

create view belonging as
 SELECT m.person_id,
    m.organisation_id,
    m.valid_from,
    m.valid_until,
    m.administers
   FROM membership m
  WHERE (m.organisation_id IS NOT NULL)
UNION ALL
 SELECT p.id AS person_id,
    p.employer_id AS organisation_id,
    '-infinity'::timestamp with time zone AS valid_from,
    'infinity'::timestamp with time zone AS valid_until,
    false AS administers
   FROM person p
  WHERE (p.employer_id IS NOT NULL);

create view document_shown with (security_invoker=true) as
 SELECT d.id,
    d.project_id,
    d.folder_id,
    d.name,
    d.created_at,
        CASE
            WHEN (c.id IS NOT NULL) THEN jsonb_build_object('id', c.id, 'name', c.name)
            ELSE NULL::jsonb
        END AS created_by,
    jsonb_build_object('id', v.id, 'no', v.no, 'size', v.size, 'declared_type', v.declared_type, 'detected_type', v.detected_type, 'sha256', encode(v.sha256, 'hex'::text), 'state', v.state, 'scan_result', v.scan_result, 'preview_result', v.preview_result, 'page_count', v.page_count, 'pages_ready', ( SELECT count(*) AS count
           FROM page p
          WHERE (p.version_id = v.id)), 'created_by',
        CASE
            WHEN (vc.id IS NOT NULL) THEN jsonb_build_object('id', vc.id, 'name', vc.name)
            ELSE NULL::jsonb
        END, 'received_at', v.received_at) AS version,
    d.tags,
    d.description,
    d.described_at,
    d.waits,
    lock_shown(d.id) AS lock
   FROM (((document d
     JOIN version v ON ((v.id = d.current_version_id)))
     LEFT JOIN person c ON ((c.id = d.created_by)))
     LEFT JOIN person vc ON ((vc.id = v.created_by)));

-- ── Indexes

CREATE INDEX api_key_person ON public.api_key USING btree (person_id);
CREATE INDEX archive_delivery_archive ON public.archive_delivery USING btree (archive_id);
CREATE INDEX archive_file_version ON public.archive_file USING btree (version_id);
CREATE INDEX archive_file_waiting ON public.archive_file USING btree (archive_id, place) WHERE (state = 'waiting'::text);
CREATE INDEX archive_person ON public.archive USING btree (person_id, id DESC);
CREATE INDEX archive_unswept ON public.archive USING btree (expires_at) WHERE (swept_at IS NULL);
CREATE INDEX assignment_principal ON public.assignment USING btree (principal_id, client_id) INCLUDE (valid_from, valid_until);
CREATE INDEX audit_actor ON public.audit USING btree (actor_id, seq DESC) WHERE (actor_id IS NOT NULL);
CREATE INDEX audit_at ON public.audit USING btree (at);
CREATE INDEX audit_document ON public.audit USING btree (document_id, seq DESC) WHERE (document_id IS NOT NULL);
CREATE INDEX audit_project ON public.audit USING btree (project_id, seq DESC) WHERE (project_id IS NOT NULL);
CREATE INDEX audit_sign_in ON public.audit USING btree (actor_id, seq DESC) WHERE (action = 'session.started'::text);
CREATE UNIQUE INDEX automation_key ON public.automation USING btree (key_id);
CREATE INDEX automation_place ON public.automation USING btree (place_id) WHERE (ended_at IS NULL);
CREATE INDEX automation_run_newest ON public.automation_run USING btree (automation_id, at DESC) WHERE (state = ANY (ARRAY['done'::text, 'failed'::text]));
CREATE INDEX backup_begun ON public.backup USING btree (begun_at DESC);
CREATE INDEX backup_drill_of ON public.backup_drill USING btree (backup_id);
CREATE INDEX comment_documents ON public.comment USING gin (documents);
CREATE INDEX delivery_version ON public.delivery USING btree (version_id);
CREATE INDEX deputy_absent ON public.deputy USING btree (absent_id, counts_until);
CREATE INDEX deputy_deputy ON public.deputy USING btree (deputy_id, counts_until);
CREATE INDEX deputy_unread ON public.deputy_told USING btree (person_id) WHERE (read_at IS NULL);
CREATE INDEX device_last ON public.device USING btree (last_at);
CREATE INDEX document_folder ON public.document USING btree (folder_id, name, id) INCLUDE (own_scope, created_at);
CREATE INDEX document_own_scope ON public.document USING btree (project_id, folder_id, name, id) WHERE own_scope;
CREATE INDEX document_project ON public.document USING btree (project_id);
CREATE INDEX document_tags ON public.document USING gin (tags) WHERE (tags <> '{}'::text[]);
CREATE INDEX emergency_begun ON public.emergency USING btree (begun_at DESC);
CREATE INDEX emergency_grant ON public.emergency USING btree (grant_id);
CREATE INDEX emergency_running ON public.emergency USING btree (valid_until) WHERE (NOT end_noted);
CREATE INDEX emergency_unread ON public.emergency_told USING btree (person_id) WHERE (read_at IS NULL);
CREATE INDEX grant_document ON public.access_grant USING btree (document_id) WHERE (document_id IS NOT NULL);
CREATE INDEX grant_node ON public.access_grant USING btree (node_id) WHERE (node_id IS NOT NULL);
CREATE INDEX grant_own_only ON public.access_grant USING btree (thing_id) WHERE own_only;
CREATE INDEX grant_principal ON public.access_grant USING btree (principal_id) INCLUDE (node_id, document_id, rank, level, allows, valid_from, valid_until);
CREATE INDEX grant_thing ON public.access_grant USING btree (thing_id, principal_id) INCLUDE (rank, level, allows, valid_from, valid_until);
CREATE INDEX group_nesting_inner ON public.group_nesting USING btree (inner_id);
CREATE INDEX identity_person ON public.identity USING btree (person_id);
CREATE INDEX inbox_received ON public.inbox USING btree (received_at);
CREATE INDEX job_active ON public.job USING btree (kind, fairness_key) WHERE (state = 'active'::text);
CREATE INDEX job_attempt_job ON public.job_attempt USING btree (job_id, id);
CREATE INDEX job_dead ON public.job USING btree (((done_at)::timestamp(3) with time zone) DESC, id DESC) WHERE (state = 'dead'::text);
CREATE INDEX job_done ON public.job USING btree (done_at) WHERE (state = 'done'::text);
CREATE INDEX job_fair ON public.job USING btree (kind, fairness_key, priority, run_at) WHERE (state = ANY (ARRAY['ready'::text, 'active'::text]));
CREATE INDEX job_link_mail ON public.job USING btree (((data ->> 'link_id'::text))) WHERE ((kind = 'notify'::text) AND ((data ->> 'template'::text) = 'link'::text));
CREATE UNIQUE INDEX job_once ON public.job USING btree (kind, unique_key) WHERE (state = ANY (ARRAY['ready'::text, 'active'::text]));
CREATE INDEX link_made_by ON public.link USING btree (made_by, id);
CREATE UNIQUE INDEX link_request_hash ON public.link USING btree (request_hash);
CREATE UNIQUE INDEX link_secret_hash ON public.link USING btree (secret_hash);
CREATE INDEX lock_node ON public.access_lock USING btree (node_id) WHERE (node_id IS NOT NULL);
CREATE INDEX lock_thing ON public.access_lock USING btree (thing_id) INCLUDE (hides, valid_from, valid_until, counts_from, delay, id);
CREATE INDEX membership_container ON public.membership USING btree (container_id, person_id);
CREATE INDEX name_text_vector ON public.name_text USING gin (vector) WITH (fastupdate=off);
CREATE INDEX node_closed ON public.node USING btree (id) WHERE (NOT inherits);
CREATE INDEX node_four_eyes ON public.node USING btree (id) WHERE four_eyes;
CREATE UNIQUE INDEX node_one_firm ON public.node USING btree (kind) WHERE (kind = 'firm'::text);
CREATE INDEX node_parent ON public.node USING btree (parent_id, name, id);
CREATE INDEX node_path ON public.node USING gin (path);
CREATE INDEX node_project ON public.node USING btree (project_id, id);
CREATE INDEX node_scope ON public.node USING btree (scope_id);
CREATE INDEX notice_due ON public.notice USING btree (mail_at) WHERE ((mail_at IS NOT NULL) AND (mail_job IS NULL));
CREATE INDEX notice_inbox ON public.notice USING btree (person_id, last_at DESC, id DESC);
CREATE INDEX notice_job ON public.notice USING btree (mail_job) WHERE (mail_job IS NOT NULL);
CREATE INDEX notice_unread ON public.notice USING btree (person_id) WHERE (read_at IS NULL);
CREATE INDEX one_time_link_made_by ON public.one_time_link USING btree (made_by) WHERE (used_at IS NULL);
CREATE INDEX one_time_link_person ON public.one_time_link USING btree (person_id, purpose) WHERE (used_at IS NULL);
CREATE INDEX one_time_link_session ON public.one_time_link USING btree (session_id) WHERE (session_id IS NOT NULL);
CREATE INDEX opened_last ON public.opened USING btree (person_id, at DESC);
CREATE INDEX page_text_document ON public.page_text USING btree (document_id);
CREATE INDEX page_text_vector ON public.page_text USING gin (vector) WITH (fastupdate=off);
CREATE INDEX passkey_challenge_end ON public.passkey_challenge USING btree (expires_at);
CREATE INDEX passkey_person ON public.passkey USING btree (person_id);
CREATE INDEX person_capped ON public.person USING btree (capped_by) WHERE (capped_by IS NOT NULL);
CREATE INDEX person_employer ON public.person USING btree (employer_id) WHERE (employer_id IS NOT NULL);
CREATE INDEX person_placeholder ON public.person USING btree (placeholder_for) WHERE (placeholder_for IS NOT NULL);
CREATE INDEX project_guest_due ON public.project_guest USING btree (valid_until) WHERE (ended_at IS NULL);
CREATE INDEX project_guest_person ON public.project_guest USING btree (person_id) WHERE (ended_at IS NULL);
CREATE INDEX provider_visit_end ON public.provider_visit USING btree (expires_at);
CREATE INDEX provider_visit_session ON public.provider_visit USING btree (session_id) WHERE (session_id IS NOT NULL);
CREATE UNIQUE INDEX reconciliation_open ON public.reconciliation USING btree ((true)) WHERE (ended_at IS NULL);
CREATE INDEX seen_as_session ON public.seen_as USING btree (session_id);
CREATE INDEX session_identity ON public.session USING btree (identity_id) WHERE (identity_id IS NOT NULL);
CREATE INDEX session_person ON public.session USING btree (person_id);
CREATE INDEX trash_due ON public.trash USING btree (at) WHERE ((restored_at IS NULL) AND (erased_at IS NULL));
CREATE INDEX trash_project ON public.trash USING btree (project_id, id DESC) WHERE (restored_at IS NULL);
CREATE UNIQUE INDEX trash_thing ON public.trash USING btree (thing_id) WHERE (restored_at IS NULL);
CREATE INDEX upload_of_document ON public.upload USING btree (of_document_id) WHERE (of_document_id IS NOT NULL);
CREATE INDEX upload_open ON public.upload USING btree (person_id, project_id) WHERE (state = 'open'::text);
CREATE INDEX upload_restores ON public.upload USING btree (restores) WHERE (restores IS NOT NULL);
CREATE INDEX version_content ON public.version USING btree (project_id, sha256) WHERE (sha256 IS NOT NULL);
CREATE INDEX version_document ON public.version USING btree (document_id, no DESC);
CREATE INDEX version_drop ON public.version USING btree (drop_key) WHERE (drop_key IS NOT NULL);
CREATE INDEX version_project ON public.version USING btree (project_id, received_at DESC);
CREATE INDEX version_received ON public.version USING btree (received_at DESC);
CREATE INDEX version_restored_from ON public.version USING btree (restored_from) WHERE (restored_from IS NOT NULL);
CREATE INDEX version_scanned ON public.version USING btree (COALESCE(scanned_at, '-infinity'::timestamp with time zone), id) WHERE (erased_at IS NULL);
CREATE INDEX version_sha256 ON public.version USING btree (sha256) WHERE (sha256 IS NOT NULL);
CREATE INDEX version_unfinished ON public.version USING btree (state) WHERE (state <> 'ready'::text);
CREATE INDEX version_waits ON public.version USING btree (project_id, received_at) WHERE waits;
CREATE INDEX visit_link ON public.visit USING btree (link_id, opened_at DESC);
CREATE INDEX way_in_made_by ON public.way_in USING btree (made_by) WHERE ((used_at IS NULL) AND (withdrawn_at IS NULL));
CREATE UNIQUE INDEX way_in_open ON public.way_in USING btree (person_id) WHERE ((used_at IS NULL) AND (withdrawn_at IS NULL));
CREATE INDEX webhook_delivery_due ON public.webhook_delivery USING btree (webhook_id, next_at) WHERE (state = 'waiting'::text);
CREATE INDEX webhook_delivery_failed ON public.webhook_delivery USING btree (webhook_id, created_at) WHERE (state = 'failed'::text);
CREATE INDEX webhook_delivery_newest ON public.webhook_delivery USING btree (webhook_id, id DESC);

-- ── Row-level security

create policy pipeline on archive for all to portico_pipeline using (true);
create policy wall on archive for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy wall on archive_delivery for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on archive_file for all to portico_pipeline using (true);
create policy wall on archive_file for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on archive_part for all to portico_pipeline using (true);
create policy app on automation for all to portico_app using (true);
create policy pipeline on automation for all to portico_pipeline using (true);
create policy pipeline on automation_run for all to portico_pipeline using (true);
create policy wall on automation_run for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on comment for all to portico_pipeline using (true);
create policy wall on comment for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy wall on delivery for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy app on deputy for all to portico_app using (true);
create policy pipeline on deputy for all to portico_pipeline using (true);
create policy pipeline on document for all to portico_pipeline using (true);
create policy wall on document for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on emergency for all to portico_pipeline using (true);
create policy wall on emergency for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on notice for all to portico_pipeline using (true);
create policy wall on notice for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on notice_setting for all to portico_pipeline using (true);
create policy wall on notice_setting for all to portico_app using (((project_id IS NULL) OR (project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[]))));
create policy pipeline on page for all to portico_pipeline using (true);
create policy wall on page for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on page_text for all to portico_pipeline using (true);
create policy pipeline on project_guest for all to portico_pipeline using (true);
create policy wall on project_guest for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy app on seen_as for all to portico_app using (true);
create policy pipeline on trash for all to portico_pipeline using (true);
create policy wall on trash for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on upload for all to portico_pipeline using (true);
create policy wall on upload for all to portico_app using ((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])));
create policy pipeline on version for all to portico_pipeline using (true);
create policy wall on version for all to portico_app using (((project_id = ANY (( SELECT (NULLIF(current_setting('app.projects'::text, true), ''::text))::uuid[] AS "nullif")::uuid[])) AND ((NOT waits) OR (( SELECT current_setting('app.of_firm'::text, true) AS current_setting) = 'yes'::text))));

-- ── Triggers

CREATE TRIGGER grant_scope AFTER INSERT OR DELETE ON public.access_grant FOR EACH ROW EXECUTE FUNCTION scope_refresh();
CREATE TRIGGER guest_grant BEFORE INSERT OR UPDATE OF valid_until ON public.access_grant FOR EACH ROW WHEN (((new.person_id IS NOT NULL) AND new.allows)) EXECUTE FUNCTION guest_grant();
CREATE TRIGGER lock_scope AFTER INSERT OR DELETE ON public.access_lock FOR EACH ROW EXECUTE FUNCTION scope_refresh();
CREATE TRIGGER audit_unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_unchangeable();
CREATE TRIGGER backup_unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.backup FOR EACH STATEMENT EXECUTE FUNCTION backup_unchangeable();
CREATE TRIGGER backup_unchangeable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.backup_drill FOR EACH STATEMENT EXECUTE FUNCTION backup_unchangeable();
CREATE TRIGGER document_below AFTER UPDATE OF folder_id ON public.document FOR EACH ROW WHEN ((old.project_id <> new.project_id)) EXECUTE FUNCTION document_below();
CREATE TRIGGER document_closed BEFORE UPDATE OF inherits ON public.document FOR EACH ROW WHEN ((old.inherits <> new.inherits)) EXECUTE FUNCTION document_closed();
CREATE TRIGGER document_made_closed BEFORE INSERT ON public.document FOR EACH ROW WHEN ((NOT new.inherits)) EXECUTE FUNCTION document_closed();
CREATE TRIGGER document_moved AFTER UPDATE OF folder_id ON public.document FOR EACH ROW WHEN ((old.folder_id <> new.folder_id)) EXECUTE FUNCTION document_moved();
CREATE TRIGGER document_place BEFORE INSERT OR UPDATE OF folder_id ON public.document FOR EACH ROW EXECUTE FUNCTION document_place();
CREATE TRIGGER name_text_changed AFTER UPDATE ON public.document FOR EACH ROW WHEN (((old.name <> new.name) OR (old.project_id IS DISTINCT FROM new.project_id) OR (old.tags <> new.tags) OR (old.description <> new.description))) EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER name_text_gone AFTER DELETE ON public.document FOR EACH ROW EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER name_text_new AFTER INSERT ON public.document FOR EACH ROW EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER page_text_follow AFTER UPDATE ON public.document FOR EACH ROW WHEN (((old.project_id IS DISTINCT FROM new.project_id) OR (old.current_version_id IS DISTINCT FROM new.current_version_id))) EXECUTE FUNCTION page_text_follow();
CREATE TRIGGER nesting_once BEFORE INSERT OR UPDATE ON public.group_nesting FOR EACH ROW EXECUTE FUNCTION nesting_once();
CREATE TRIGGER job_remember BEFORE UPDATE OF state, token ON public.job FOR EACH ROW WHEN ((((old.state = 'active'::text) AND (new.state = ANY (ARRAY['ready'::text, 'dead'::text])) AND (new.error IS NOT NULL)) OR ((old.state = 'ready'::text) AND (new.state = 'dead'::text)) OR ((old.state = 'active'::text) AND (new.state = 'active'::text) AND (new.token IS DISTINCT FROM old.token)) OR ((old.state = 'dead'::text) AND (new.state = 'ready'::text)))) EXECUTE FUNCTION job_remember();
CREATE TRIGGER name_text_changed AFTER UPDATE ON public.node FOR EACH ROW WHEN (((new.kind <> 'firm'::text) AND ((old.name <> new.name) OR (old.project_id IS DISTINCT FROM new.project_id)))) EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER name_text_gone AFTER DELETE ON public.node FOR EACH ROW EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER name_text_new AFTER INSERT ON public.node FOR EACH ROW WHEN ((new.kind <> 'firm'::text)) EXECUTE FUNCTION name_text_keep();
CREATE TRIGGER node_below AFTER UPDATE OF parent_id, inherits, client_id ON public.node FOR EACH ROW WHEN (((old.path <> new.path) OR (old.cut <> new.cut) OR (old.scope_id <> new.scope_id) OR (old.client_id IS DISTINCT FROM new.client_id))) EXECUTE FUNCTION node_below();
CREATE TRIGGER node_moved AFTER UPDATE OF parent_id ON public.node FOR EACH ROW WHEN ((old.parent_id <> new.parent_id)) EXECUTE FUNCTION node_moved();
CREATE TRIGGER node_place BEFORE INSERT OR UPDATE OF parent_id, inherits, client_id ON public.node FOR EACH ROW EXECUTE FUNCTION node_place();
CREATE TRIGGER search_spread_moved AFTER UPDATE ON public.page_text REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_spread_keep();
CREATE TRIGGER search_spread_new AFTER INSERT ON public.page_text REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION search_spread_keep();
CREATE TRIGGER cap_once BEFORE INSERT OR UPDATE OF capped_by ON public.person FOR EACH ROW EXECUTE FUNCTION cap_once();
CREATE TRIGGER keep_joined BEFORE INSERT OR UPDATE OF password_hash ON public.person FOR EACH ROW EXECUTE FUNCTION keep_joined();
CREATE TRIGGER last_administrator BEFORE UPDATE OF staff_role, password_hash, joined_at, valid_from, valid_until ON public.person FOR EACH ROW EXECUTE FUNCTION last_administrator();
CREATE TRIGGER version_arrived AFTER INSERT ON public.version REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION version_arrived();
CREATE TRIGGER version_current_checked AFTER UPDATE ON public.version FOR EACH ROW WHEN (((new.state = ANY (ARRAY['received'::text, 'held'::text])) <> (old.state = ANY (ARRAY['received'::text, 'held'::text])))) EXECUTE FUNCTION version_current_keep();
CREATE TRIGGER version_current_new AFTER INSERT ON public.version FOR EACH ROW WHEN ((new.no > 1)) EXECUTE FUNCTION version_current_keep();
CREATE TRIGGER version_waits AFTER UPDATE OF waits ON public.version FOR EACH ROW WHEN ((old.waits <> new.waits)) EXECUTE FUNCTION version_current_keep();

-- ── Functions

CREATE OR REPLACE FUNCTION public.access_apart(folder uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from node f join access_grant g on g.own_only and g.thing_id = any(f.path) where f.id = folder)
      or exists (select from node f join access_lock l on l.counts_from is not null and l.thing_id = any(f.path)
                  where f.id = folder and l.valid_until > now()) $function$
;

CREATE OR REPLACE FUNCTION public.access_changes(asker uuid, thing uuid, at timestamp with time zone, n integer)
 RETURNS TABLE(moment timestamp with time zone, level smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  held smallint := (select a.level from access_levels(array[asker], array[thing], at) a);
  m_at timestamptz;
  found int := 0;
begin
  for m_at in select m from access_moments(asker, thing, at) m loop
    select a.level into level from access_levels(array[asker], array[thing], m_at) a;
    continue when level = held;
    held := level; moment := m_at; found := found + 1;
    return next;
    exit when found = n;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_explain(person uuid, thing uuid, at timestamp with time zone)
 RETURNS TABLE(self_id uuid, place bigint, step text, source uuid, level smallint, held smallint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
with i as materialized (select * from access_steads(array[person], thing, at)),
t as materialized (
  select n.path, n.client_id, f.walls, false as waits, null::uuid as document_id, null::timestamptz as uploaded_at,
         null::timestamptz as changed_at
    from node n join node f on f.id = n.path[1] where n.id = thing
  union all
  select n.path || d.id, n.client_id, f.walls, d.waits, d.id, d.created_at, d.changed_at
    from document d join node n on n.id = d.folder_id join node f on f.id = n.path[1] where d.id = thing
),
x as (
  select h.self_id, h.place, h.hearing, case when h.allows then 'allow' else 'deny' end as step, h.grant_id as source,
         h.level, h.held, i.stead
    from access_heard(array[person], thing, at) h join i on i.stead = h.stead and i.id = h.self_id
  union all
  select i.id, null, 0,
         case when i.id <> i.stead then 'in place of' when not i.alive then 'not active' when i.id <> person then 'no more than'
              else 'self' end,
         i.id, null, null, i.stead
    from i
  union all
  select i.id, null, -1, 'no more than', i.stead, null, null, i.stead from i where i.id <> i.stead and i.stead <> person
  union all
  select i.id, null, 1, 'excluded', i.id, null, null, i.stead
    from i join t on exists (select from exclusion e where e.person_id = i.id and e.client_id = t.client_id)
  union all
  select i.id, null, 2, 'walled off', i.id, null, null, i.stead
    from i join t on i.staff and t.walls and t.client_id is not null
     and not exists (select from assignment a where a.client_id = t.client_id and a.principal_id = any(i.principals)
                        and at >= a.valid_from and at < a.valid_until)
  union all
  select i.id, null, 3, 'waiting', i.id, null, null, i.stead from i join t on t.waits and not i.staff
  union all
  select null, s.place, 3, case when l.hides then 'hidden' else 'view only' end, l.id,
         (case when l.hides then 0 else 1 end)::smallint, null, null
    from t, unnest(t.path) with ordinality s(id, place) join access_lock l on l.thing_id = s.id
   where at >= l.valid_from and at < l.valid_until
     and (l.counts_from is null
          or at >= case l.counts_from when 'upload' then t.uploaded_at else t.changed_at end + l.delay
             and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.document_id))
  union all
  select null, null, 4, 'answer', null, a.level, a.unlocked, null from access_levels(array[person], array[thing], at) a
)
select x.self_id, x.place, x.step, x.source, x.level, x.held from x
 order by x.self_id is null, x.stead <> person, x.self_id, x.step <> 'in place of', x.place nulls last, x.hearing $function$
;

create aggregate access_fold(smallint, boolean) (sfunc = access_step, stype = smallint, initcond = '0');

CREATE OR REPLACE FUNCTION public.access_heard(whos uuid[], thing uuid, at timestamp with time zone)
 RETURNS TABLE(who uuid, self_id uuid, place bigint, hearing bigint, level smallint, allows boolean, grant_id uuid, held smallint, stead uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
with t as (
  select n.path, n.cut, false as is_document, null::uuid as made_by from node n where n.id = thing
  union all
  select n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, true, d.created_by
    from document d join node n on n.id = d.folder_id where d.id = thing
)
select i.who, i.id, s.place, row_number() over heard, g.level, g.allows, g.id,
       access_fold(g.level, g.allows) over heard, i.stead
  from access_selves(whos, at) i
 cross join t
 cross join lateral unnest(t.path) with ordinality s(id, place)
 cross join lateral (
   select g.* from access_grant g
    where g.thing_id = s.id and g.principal_id = any(i.principals)
      and at >= g.valid_from and at < g.valid_until offset 0) g
 where s.place >= t.cut and (not g.own_only or not t.is_document or t.made_by = i.id)
window heard as (partition by i.who, i.stead, i.id order by s.place, g.rank, g.id) $function$
;

CREATE OR REPLACE FUNCTION public.access_in_place_of(person uuid, things uuid[], at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select s.id
    from (select t.id from unnest(things) with ordinality t(id, no) where exists (select from access_path(t.id))
           order by t.no limit 1) t
   cross join lateral access_steads(array[person], t.id, at) s
   where s.stead = person and s.id <> person $function$
;

CREATE OR REPLACE FUNCTION public.access_kept(who uuid, version uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from version v where v.id = $2 and v.waits) and not access_sees_waiting($1) $function$
;

CREATE OR REPLACE FUNCTION public.access_levels(whos uuid[], things uuid[], at timestamp with time zone)
 RETURNS TABLE(who uuid, thing_id uuid, level smallint, unlocked smallint, others smallint, others_unlocked smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 50
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
begin return query
with i as materialized (select * from access_selves(whos, at)),
t as materialized (
  select n.id, n.path, n.cut, n.client_id, false as is_document, null::uuid as made_by, false as waits,
         null::timestamptz as uploaded_at, null::timestamptz as changed_at
    from node n where n.id = any(things)
  union all
  select d.id, n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, n.client_id, true,
         d.created_by, d.waits, d.created_at, d.changed_at
    from document d join node n on n.id = d.folder_id where d.id = any(things)
),
stop as materialized (
  select t.id as thing_id, t.cut, t.is_document, t.made_by, t.uploaded_at, t.changed_at, s.id, s.place
    from t, unnest(t.path) with ordinality s(id, place)
),
place as materialized (select distinct stop.id from stop),
spoken as materialized (
  select i.id as self_id, place.id, g.rank, g.level, g.allows, g.own_only
    from i cross join place
   cross join lateral (
     select g.rank, g.level, g.allows, g.own_only from access_grant g
      where g.thing_id = place.id and g.principal_id = any(i.principals)
        and at >= g.valid_from and at < g.valid_until offset 0) g
),
held as materialized (
  select s.self_id, stop.thing_id,
         access_fold(s.level, s.allows order by stop.place, s.rank)
           filter (where not s.own_only or not stop.is_document or stop.made_by = s.self_id) as level,
         access_fold(s.level, s.allows order by stop.place, s.rank) filter (where not s.own_only) as others
    from spoken s join stop on stop.id = s.id and stop.place >= stop.cut
   group by 1, 2
),
locked as materialized (
  select place.id, l.id as lock_id, case when l.hides then 0 else 1 end as level, l.counts_from, l.delay from place
   cross join lateral (
     select l.id, l.hides, l.counts_from, l.delay from access_lock l
      where l.thing_id = place.id and at >= l.valid_from and at < l.valid_until offset 0) l
),
ceiling as materialized (
  select stop.thing_id, min(locked.level) as level from locked join stop on stop.id = locked.id
   where locked.counts_from is null
      or stop.is_document
         and at >= case locked.counts_from when 'upload' then stop.uploaded_at else stop.changed_at end + locked.delay
         and not exists (select from lock_exception e where e.lock_id = locked.lock_id and e.document_id = stop.thing_id)
   group by 1
),
barred as materialized (
  select i.id as self_id, c.client_id
    from i cross join (select distinct t.client_id, t.path[1] as firm from t where t.client_id is not null) c
   where exists (select from exclusion e where e.person_id = i.id and e.client_id = c.client_id)
      or i.staff
         and (select n.walls from node n where n.id = c.firm)
         and (select true from assignment a
               where a.client_id = c.client_id and a.principal_id = any(i.principals)
                 and at >= a.valid_from and at < a.valid_until limit 1) is null
),
lent as (
  select i.who, i.stead, t.id,
         max(case when i.alive and barred.self_id is null and (i.staff or not t.waits) then coalesce(held.level, 0) else 0 end)
           as level,
         case when not bool_and(t.is_document) then
           max(case when i.alive and barred.self_id is null then coalesce(held.others, 0) else 0 end) end as others
    from i cross join t
    left join held on held.self_id = i.id and held.thing_id = t.id
    left join barred on barred.client_id = t.client_id and barred.self_id in (i.id, i.stead)
   group by 1, 2, 3
),
own as (
  select lent.who, lent.id, min(lent.level) as level, min(lent.others) as others from lent group by 1, 2
)
select w.who, t.id, least(coalesce(own.level, 0), ceiling.level)::smallint, coalesce(own.level, 0)::smallint,
       case when own.others is not null then least(own.others, ceiling.level) end::smallint, own.others::smallint
  from unnest(whos) w(who) cross join unnest(things) t(id)
  left join own on own.who = w.who and own.id = t.id
  left join ceiling on ceiling.thing_id = t.id;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_list(person uuid, folder uuid, at timestamp with time zone, after_name text DEFAULT ''::text, after_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid, n integer DEFAULT 100)
 RETURNS TABLE(id uuid, name text, level smallint, unlocked smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
declare
  here record;
  selves uuid[] := '{}';   -- whose own documents are asked for one by one
  timed boolean;           -- a lock here counts from each document's own day
  hidden uuid[] := '{}';   -- folders of this project that are not visible but hold documents with a say of their own
  page document[];
  size int := n;
  found int := 0;
  got int;
begin
  select o.* into here from access_of_node(person, folder, at) o;
  if here is null or here.kind = 'firm' or (here.kind = 'folder' and here.level = 0) then return; end if;
  if here.others <> here.level or here.others_unlocked <> here.unlocked then
    selves := array(select s.id from access_selves(array[person], at) s);
  end if;
  timed := here.level > 0 and exists (
    select from node n join access_lock l on l.thing_id = any(n.path)
     where n.id = folder and l.counts_from is not null and at >= l.valid_from and at < l.valid_until);
  if here.kind = 'project' then
    hidden := array(
      select a.thing_id
        from access_levels(array[person], array(
               select distinct d.folder_id from document d
                where d.project_id = folder and d.own_scope and d.folder_id <> folder), at) a
       where a.level = 0);
  end if;
  loop
    page := array(
      select x.d from (
        (select d from document d
          where d.folder_id = folder and (here.others > 0 or d.own_scope or d.waits or timed or d.created_by = any(selves))
            and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)
        union all
        (select d from document d
          where d.folder_id = any(hidden) and d.own_scope and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)) x
       order by (x.d).name, (x.d).id limit size);
    return query
    with a as materialized (
      select * from access_levels(array[person], array(
        select d.id from unnest(page) d where d.own_scope or d.waits or timed or d.created_by = any(selves)), at))
    select d.id, d.name,
           case when a.thing_id is not null then a.level else here.others end,
           case when a.thing_id is not null then a.unlocked else here.others_unlocked end
      from unnest(page) d left join a on a.thing_id = d.id
     where a.thing_id is null or a.level > 0
     order by d.name, d.id limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n or cardinality(page) < size;
    after_name := page[size].name; after_id := page[size].id;
    size := least(size * 2, 2000);
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_look(sets access_set[], moments timestamp with time zone[])
 RETURNS access_seen[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with s as materialized (
  select x.whos, x.things, cardinality(x.whos) > 16 as large,
         sum(cardinality(x.whos) * cardinality(x.things)) over (order by x.things, x.whos) / 16 as part
    from unnest(sets) x
),
part as materialized (
  select s.whos, s.things, null::uuid[] as pair_whos, null::uuid[] as pair_things from s where s.large
  union all
  select array_agg(distinct w.who), array_agg(distinct t.id), array_agg(w.who), array_agg(t.id)
    from s cross join unnest(s.whos) w(who) cross join unnest(s.things) t(id) where not s.large group by s.part
)
select coalesce(array_agg(row(l.at, l.who, l.thing_id, l.level, l.unlocked, l.others, l.others_unlocked)::access_seen), '{}')
  from part
 cross join lateral (
   select m.at, x.* from unnest(moments) m(at) cross join lateral access_levels(part.whos, part.things, m.at) x
    where part.pair_whos is null
       or exists (select from unnest(part.pair_whos, part.pair_things) p(who, id) where p.who = x.who and p.id = x.thing_id)
   offset 0) l $function$
;

CREATE OR REPLACE FUNCTION public.access_moments(asker uuid, thing uuid, at timestamp with time zone)
 RETURNS SETOF timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with path as materialized (
  select n.path, n.client_id, null::timestamptz as uploaded_at, null::timestamptz as changed_at from node n where n.id = thing
  union all
  select n.path || d.id, n.client_id, d.created_at, d.changed_at from document d join node n on n.id = d.folder_id where d.id = thing
),
chain as materialized (
  select s.stead as id from access_selves(array[asker], at) s
  union
  select d.absent_id
    from access_selves(array[asker], at) s join deputy d on d.deputy_id = s.stead and d.counts_until > at
),
principal as materialized (
  select chain.id from chain
  union
  select unnest(array[m.container_id, n.outer_id])
    from membership m left join group_nesting n on n.inner_id = m.group_id where m.person_id in (select chain.id from chain)
),
moment as (
  select unnest(array[g.valid_from, g.valid_until]) as moment_at from access_grant g, path
   where g.thing_id = any(path.path) and g.principal_id in (select principal.id from principal)
  union
  select unnest(array[k.valid_from, k.valid_until]) from access_lock k, path where k.thing_id = any(path.path)
  union
  select case k.counts_from when 'upload' then path.uploaded_at else path.changed_at end + k.delay
    from access_lock k, path where k.thing_id = any(path.path) and k.counts_from is not null and path.uploaded_at is not null
  union
  select unnest(array[m.valid_from, m.valid_until]) from membership m where m.person_id in (select chain.id from chain)
  union
  select unnest(array[a.valid_from, a.valid_until]) from assignment a, path
   where a.client_id = path.client_id and a.principal_id in (select principal.id from principal)
  union
  select unnest(array[p.valid_from, p.valid_until]) from person p where p.id in (select chain.id from chain)
  union
  select unnest(array[l.valid_from, l.valid_until]) from link l where l.id = asker
  union
  select unnest(array[d.valid_from, d.counts_until])
    from deputy d where d.deputy_id in (select chain.id from chain) and d.valid_from < d.counts_until
)
select moment.moment_at from moment where moment.moment_at > at and moment.moment_at < 'infinity' order by 1 $function$
;

CREATE OR REPLACE FUNCTION public.access_of_document(person uuid, document uuid, at timestamp with time zone)
 RETURNS TABLE(project_id uuid, folder_id uuid, level smallint, unlocked smallint)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select d.project_id, d.folder_id, a.level, a.unlocked
    from access_levels(array[$1], array[$2], $3) a join document d on d.id = a.thing_id $function$
;

CREATE OR REPLACE FUNCTION public.access_of_node(person uuid, node uuid, at timestamp with time zone)
 RETURNS TABLE(kind text, project_id uuid, parent_id uuid, level smallint, unlocked smallint, others smallint, others_unlocked smallint)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select n.kind, n.project_id, n.parent_id, a.level, a.unlocked, a.others, a.others_unlocked
    from access_levels(array[$1], array[$2], $3) a join node n on n.id = a.thing_id $function$
;

CREATE OR REPLACE FUNCTION public.access_path(thing uuid)
 RETURNS TABLE(path uuid[], cut integer, project_id uuid, client_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 1
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select n.path, n.cut::int, n.project_id, n.client_id from node n where n.id = thing
  union all
  select n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, n.project_id, n.client_id
    from document d join node n on n.id = d.folder_id where d.id = thing $function$
;

CREATE OR REPLACE FUNCTION public.access_people(principals uuid[])
 RETURNS uuid[]
 LANGUAGE sql
 STABLE
AS $function$
  with x as (
    select p.id from person p where p.id = any(principals)
    union all
    select l.id from link l where l.id = any(principals)
    union all
    select m.person_id from membership m
     where m.container_id = any(principals || array(select n.inner_id from group_nesting n where n.outer_id = any(principals)))
  )
  select coalesce(array_agg(distinct y.id), '{}')
    from (select x.id from x union all select d.deputy_id from x join deputy d on d.absent_id = x.id) y $function$
;

CREATE OR REPLACE FUNCTION public.access_points(whos uuid[], top uuid, at timestamp with time zone)
 RETURNS access_set[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
begin return (
with self as materialized (
  select s.who, s.stead as id from access_selves(whos, at) s
  union
  select s.who, d.absent_id
    from access_selves(whos, at) s join deputy d on d.deputy_id = s.stead and d.counts_until > at
),
name as materialized (
  select self.who, self.id as principal_id from self
  union
  select self.who, x.id
    from self
    join membership m on m.person_id = self.id and m.valid_until > at
    left join group_nesting n on n.inner_id = m.group_id
   cross join lateral unnest(array[m.container_id, n.outer_id]) x(id)
   where x.id is not null
),
granted as materialized (
  select g.principal_id, g.node_id, g.document_id
    from (select distinct name.principal_id from name) p
   cross join lateral (
     select distinct g.principal_id, g.node_id, g.document_id from access_grant g
      where g.principal_id = p.principal_id and g.valid_until > at offset 0) g
),
said as materialized (
  select granted.principal_id, n.id as thing_id
    from granted join node n on n.id = granted.node_id where n.path @> array[top] and n.id <> top
  union all
  select granted.principal_id, d.id
    from granted join document d on d.id = granted.document_id join node n on n.id = d.folder_id
   where n.path @> array[top]
),
client as (
  select distinct on (n.client_id) n.id from node n
   where n.parent_id = top and n.kind = 'project' and n.inherits order by n.client_id, n.id
),
point as (
  select name.who, said.thing_id from name join said on said.principal_id = name.principal_id
  union
  select w.who, client.id from unnest(whos) w(who) cross join client
),
one as (
  select w.who, array[top] || coalesce(array_agg(point.thing_id order by point.thing_id) filter (where point.thing_id is not null), '{}')
      as things
    from unnest(whos) w(who) left join point on point.who = w.who group by w.who
)
select array_agg(row(x.whos, x.things)::access_set)
  from (select array_agg(one.who) as whos, one.things from one group by one.things) x);
end $function$
;

CREATE OR REPLACE FUNCTION public.access_projects(person uuid, at timestamp with time zone)
 RETURNS TABLE(project_id uuid, level smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
declare
  reach uuid[] := access_reach(person, at);
  dark uuid[] := '{}';   -- nothing of the project itself, locks or not: below a lock nothing shows anyway
  slice uuid[];
  ids uuid[];
  levels smallint[];
  unlocked smallint[];
begin
  for start in 1 .. cardinality(reach) by 500 loop   -- the rule's plan is made for few things
    slice := reach[start:start + 499];
    select array_agg(a.thing_id), array_agg(a.level), array_agg(a.unlocked) into ids, levels, unlocked
      from access_levels(array[person], slice, at) a;
    return query select x.id, x.level from unnest(ids, levels) x(id, level) where x.level > 0;
    dark := dark || array(select x.id from unnest(ids, unlocked) x(id, level) where x.level = 0);
  end loop;
  if dark = '{}' then return; end if;
  return query
  with mine as materialized (
    select distinct g.node_id, g.document_id
      from access_selves(array[person], at) i join access_grant g on g.principal_id = any(i.principals)
     where g.allows and at >= g.valid_from and at < g.valid_until),
  inside as materialized (
    select x.id, x.project_id from mine
     cross join lateral (
       select n.id, n.project_id from node n where n.id = mine.node_id and n.kind = 'folder'
       union all
       select d.id, d.project_id from document d where d.id = mine.document_id
       offset 0) x   -- one by one: estimates of what one holds would make the planner read whole tables
     where x.project_id = any(dark))
  select distinct inside.project_id, 0::smallint
    from access_levels(array[person], array(select inside.id from inside), at) a
    join inside on inside.id = a.thing_id
   where a.level > 0;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_reach(who uuid, at timestamp with time zone, from_level integer DEFAULT 1)
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  r record;
  mine uuid[];   -- of one in the chain: what they reach themselves, or in somebody's place
  result uuid[];
begin
  for r in
    select x.projects, x.stead = x.id as own, lead(x.stead) over (order by x.no) is distinct from x.stead as last
      from access_reaches(who, at, from_level) with ordinality x(stead, id, projects, no)
  loop
    mine := case when r.own then r.projects else array(select unnest(mine) union select unnest(r.projects)) end;
    continue when not r.last;
    result := case when result is null then mine else array(select unnest(result) intersect select unnest(mine)) end;
  end loop;
  return coalesce(result, '{}');
end $function$
;

CREATE OR REPLACE FUNCTION public.access_reaches(who uuid, at timestamp with time zone, from_level integer)
 RETURNS TABLE(stead uuid, id uuid, projects uuid[])
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 2
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
declare
  i record;
  own uuid[];   -- the principals of whoever stands there
begin
  for i in select s.* from access_selves(array[who], at) s order by s.stead, s.id <> s.stead loop
    if i.id = i.stead then own := i.principals; end if;
    stead := i.stead; id := i.id; projects := '{}';
    if i.alive then
      with mine as materialized (
        select distinct g.node_id, g.document_id from access_grant g
         where g.principal_id = any(i.principals) and g.allows and g.level >= from_level and at >= g.valid_from and at < g.valid_until),
      mine_node as materialized (
        select n.kind, n.id, n.project_id, n.client_id, n.path[1] as firm from mine join node n on n.id = mine.node_id),
      p as (
        select n.project_id as id, n.client_id, n.firm from mine_node n where n.kind <> 'firm'
        union all
        select n.id, n.client_id, f.id
          from mine_node f join node n on n.parent_id = f.id and n.kind = 'project' where f.kind = 'firm'
        union all
        select n.id, n.client_id, n.path[1]
          from mine
         cross join lateral (select d.project_id from document d where d.id = mine.document_id offset 0) d
          join node n on n.id = d.project_id
         where mine.document_id is not null)
      select coalesce(array_agg(distinct p.id), '{}') into projects from p
       where p.client_id is null
          or (not i.staff
              or p.client_id in (
                   select a.client_id from assignment a
                    where a.principal_id = any(i.principals) and at >= a.valid_from and at < a.valid_until)
                 and (i.id = i.stead
                      or p.client_id in (
                           select a.client_id from assignment a
                            where a.principal_id = any(own) and at >= a.valid_from and at < a.valid_until))
              or p.firm in (select n.id from node n where n.kind = 'firm' and not n.walls))
             and p.client_id not in (select e.client_id from exclusion e where e.person_id in (i.id, i.stead));
    end if;
    return next;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_reason(whos uuid[], thing uuid, at timestamp with time zone)
 RETURNS TABLE(who uuid, self_id uuid, grant_id uuid, in_place boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
with h as (
  select h.*, lag(h.held, 1, 0::smallint) over (partition by h.who, h.stead order by h.hearing) as before
    from access_heard(whos, thing, at) h
    join access_steads(whos, thing, at) i on i.who = h.who and i.stead = h.stead and i.id = h.self_id
), last as (
  select distinct on (h.who, h.stead) h.who, h.stead, h.self_id, h.grant_id, h.held
    from h where h.held <> h.before order by h.who, h.stead, h.hearing desc
)
select distinct on (l.who) l.who, l.self_id, l.grant_id, l.self_id <> l.stead
  from last l order by l.who, l.held, l.stead <> l.who $function$
;

CREATE OR REPLACE FUNCTION public.access_sees_waiting(who uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from person p where p.id = who and p.staff_role is not null) $function$
;

CREATE OR REPLACE FUNCTION public.access_selves(whos uuid[], at timestamp with time zone)
 RETURNS TABLE(who uuid, id uuid, alive boolean, staff boolean, principals uuid[], stead uuid)
 LANGUAGE sql
 STABLE
AS $function$
with recursive chain as (
  (select l.id as who, l.id, l.made_by as cap, at >= l.valid_from and at < l.valid_until as alive, null as role, 1 as step
     from link l where l.id = any(whos)
   union all
   select p.id, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from person p where p.id = any(whos)
   union all
   select s.id, p.id, p.capped_by,
          at >= s.valid_from and at < s.valid_until and at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from seen_as s join person p on p.id in (s.person_id, s.made_by) where s.id = any(whos))
  union all
  select c.who, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, c.step + 1
    from chain c join person p on p.id = c.cap where c.step < 4   -- a link, its maker, the maker's administrator
),
one as (   -- once each: a client's administrator may be the one who looks
  select c.who, c.id, bool_and(c.alive and c.role is distinct from 'auditor') as alive, bool_and(c.role is not null) as staff
    from chain c group by c.who, c.id
),
speaks as (
  select one.who, one.id, one.alive, one.staff, one.id as stead from one
  union all
  select one.who, a.id, one.alive and at >= a.valid_from and at < a.valid_until and a.staff_role <> 'auditor', true, one.id
    from one
   cross join lateral (
     select distinct d.absent_id from deputy d where d.deputy_id = one.id and at >= d.valid_from and at < d.counts_until offset 0) d
    join person a on a.id = d.absent_id and a.staff_role is not null and a.capped_by is null
   where one.staff
)
select s.who, s.id, s.alive, s.staff,
       array(select s.id
             union all
             select unnest(array[m.container_id, n.outer_id])
               from membership m left join group_nesting n on n.inner_id = m.group_id
              where m.person_id = s.id and at >= m.valid_from and at < m.valid_until),
       s.stead
  from speaks s $function$
;

CREATE OR REPLACE FUNCTION public.access_steads(whos uuid[], thing uuid, at timestamp with time zone)
 RETURNS TABLE(who uuid, id uuid, alive boolean, staff boolean, principals uuid[], stead uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
with i as materialized (
  select s.*, count(*) over (partition by s.who, s.stead) > 1 as lent from access_selves(whos, at) s
),
held as materialized (
  select h.who, h.stead, h.self_id, (array_agg(h.held order by h.hearing desc))[1] as level
    from (select array_agg(distinct i.who) as whos from i where i.lent having count(*) > 0) l   -- mostly nobody
   cross join lateral access_heard(l.whos, thing, at) h group by 1, 2, 3
),
t as materialized (
  select p.client_id, f.walls from access_path(thing) p join node f on f.id = p.path[1]
)
select distinct on (i.who, i.stead) i.who, i.id, i.alive, i.staff, i.principals, i.stead
  from i
  left join held on i.lent and held.who = i.who and held.stead = i.stead and held.self_id = i.id
 order by i.who, i.stead,
          case when not i.lent or not i.alive or exists (
                 select from t
                  where exists (select from exclusion e where e.client_id = t.client_id and e.person_id in (i.id, i.stead))
                     or t.walls and t.client_id is not null and exists (
                          select from i o
                           where o.who = i.who and o.stead = i.stead and o.id in (i.id, i.stead)
                             and not exists (select from assignment a
                                              where a.client_id = t.client_id and a.principal_id = any(o.principals)
                                                and at >= a.valid_from and at < a.valid_until)))
               then 0 else coalesce(held.level, 0) end desc,
          i.id <> i.stead, i.id $function$
;

CREATE OR REPLACE FUNCTION public.access_step(held smallint, level smallint, allows boolean)
 RETURNS smallint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  return case when allows then greatest(held, level) else least(held, level - 1) end;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_tree(person uuid, project uuid, at timestamp with time zone)
 RETURNS TABLE(node_id uuid, parent_id uuid, kind text, name text, level smallint, unlocked smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
begin return query
with n as materialized (
  select n.id, n.parent_id, n.kind, n.name, case when s.project_id = project then s.id else project end as scope_id
    from node n join node s on s.id = n.scope_id where n.project_id = project),
a as materialized (
  select * from access_levels(array[person], array(select distinct n.scope_id from n), at)),
seen as materialized (
  select n.*, a.level, a.unlocked from n join a on a.thing_id = n.scope_id where a.level > 0)
select s.id, up.id, s.kind, s.name, s.level, s.unlocked from seen s left join seen up on up.id = s.parent_id
 order by s.name, s.id;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_try(act text, wish access_grant, at timestamp with time zone)
 RETURNS TABLE(moment timestamp with time zone, ending boolean, who uuid, thing_id uuid, before smallint, after smallint, unlocked_before smallint, unlocked_after smallint, others_before smallint, others_after smallint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  old access_grant;
  top uuid := coalesce(wish.node_id, wish.document_id);
  ends timestamptz;
  names uuid[];
  whos uuid[];
  moments timestamptz[];
  sets access_set[];
  a access_seen[];
  b access_seen[];
  c access_seen[] := '{}';
  denied uuid[];
  gone uuid[];
  m timestamptz;
  lost jsonb := '{}';
begin
  if act in ('take', 'change') then
    select * into strict old from access_grant x where x.id = wish.id;
    top := coalesce(old.node_id, old.document_id);
  end if;
  if act in ('close', 'open') then
    names := array(
      select g.principal_id from access_path(top) t
       cross join lateral unnest(t.path) s(id) join access_grant g on g.thing_id = s.id
       where g.allows and g.valid_until > at);
    whos := access_people(names || wish.person_id);
    moments := array[at] || array(
      select distinct g.valid_from from access_path(top) t
       cross join lateral unnest(t.path) s(id) join access_grant g on g.thing_id = s.id
       where s.id <> top and g.allows and g.valid_from > at order by 1 limit 5);
  else
    whos := access_people(array[coalesce(wish.person_id, wish.group_id, wish.organisation_id, wish.link_id, old.principal_id)]);
    moments := case act
      when 'give' then array[greatest(at, wish.valid_from)]
      when 'take' then array[greatest(at, old.valid_from)]
      else array(select distinct x.x from unnest(array[at, old.valid_from, old.valid_until, wish.valid_from, wish.valid_until]) x(x)
                  where x.x >= at and x.x < 'infinity' order by 1) end;
    if act <> 'take' and wish.valid_until > at and wish.valid_until < 'infinity' then ends := wish.valid_until; end if;
  end if;
  whos := array(select unnest(whos) union select p.id from person p where p.capped_by = any(whos));
  whos := array(select unnest(whos) union select l.id from link l where l.made_by = any(whos) and l.valid_until > at);
  sets := access_points(whos, top, at);
  denied := array[top] || array(
    select g.thing_id from node n join access_grant g on g.node_id = n.id
     where n.path @> array[top] and n.id <> top and not g.allows and g.valid_until > at
    union
    select g.thing_id from node n join document d on d.folder_id = n.id and d.own_scope
      join access_grant g on g.document_id = d.id
     where n.path @> array[top] and not g.allows and g.valid_until > at
    union   -- what waits for its release a client does not manage
    select d.id from node n join document d on d.folder_id = n.id where n.path @> array[top] and d.waits);
  denied := denied || array(select n.id from node n where n.parent_id = top and n.kind = 'project');
  a := access_look(sets, moments);
  begin
    case act
      when 'give' then
        insert into access_grant (person_id, group_id, organisation_id, link_id, node_id, document_id, level, allows, valid_from, valid_until,
                                  own_only)
        values (wish.person_id, wish.group_id, wish.organisation_id, wish.link_id, wish.node_id, wish.document_id, wish.level,
                wish.allows, wish.valid_from, wish.valid_until, coalesce(wish.own_only, false));
      when 'take' then
        delete from access_grant x where x.id = wish.id;
      when 'change' then
        update access_grant x
           set level = wish.level, allows = wish.allows, valid_from = wish.valid_from, valid_until = wish.valid_until
         where x.id = wish.id;
      else
        update node set inherits = (act = 'open') where id = top;
        update document set inherits = (act = 'open') where id = top;
        if act = 'close' and wish.person_id is not null then
          insert into access_grant (person_id, node_id, document_id, level)
          values (wish.person_id, wish.node_id, wish.document_id, 4);
        end if;
    end case;
    b := access_look(sets, moments);
    if ends is not null then c := access_look(sets, array[ends - interval '1 microsecond', ends]); end if;
    foreach m in array moments loop
      if exists (select from unnest(a) x join unnest(b) y on y.at = x.at and y.who = x.who and y.thing_id = x.thing_id
                  where x.at = m and x.unlocked = 4 and y.unlocked < 4) then
        lost := lost || jsonb_build_object(m::text, to_jsonb(access_unmanaged(denied, m)));
      end if;
    end loop;
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select x.at, false, x.who, x.thing_id, x.level, y.level, x.unlocked, y.unlocked, x.others, y.others
    from unnest(a) x join unnest(b) y on y.at = x.at and y.who = x.who and y.thing_id = x.thing_id
   where x.level <> y.level or x.unlocked <> y.unlocked or x.others_unlocked <> y.others_unlocked;
  return query
  select ends, true, x.who, x.thing_id, x.level, y.level, x.unlocked, y.unlocked, x.others, y.others
    from unnest(c) x join unnest(c) y on y.who = x.who and y.thing_id = x.thing_id and y.at = ends
   where x.at < ends and (x.level <> y.level or x.unlocked <> y.unlocked or x.others_unlocked <> y.others_unlocked);
  foreach m in array moments loop
    gone := array(select jsonb_array_elements_text(lost -> m::text)::uuid);
    continue when gone = '{}';
    return query
    select m, false, null::uuid, t.id, null::smallint, null::smallint, 4::smallint, 0::smallint, null::smallint, null::smallint
      from unnest(gone) t(id) where t.id <> all(access_unmanaged(gone, m));
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_unmanaged(things uuid[], at timestamp with time zone)
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  rest uuid[] := things;
  managers uuid[];
begin
  managers := array(
    select p.id
      from (select x.id, min(x.place) as place
              from (select unnest(access_people(array[g.principal_id])) as id, s.place
                      from (select distinct s.id, s.place from unnest(things) t(id) cross join lateral access_path(t.id) a
                             cross join lateral unnest(a.path) with ordinality s(id, place)) s
                      join access_grant g on g.thing_id = s.id and g.level = 4 and g.allows
                       and at >= g.valid_from and at < g.valid_until) x
             group by x.id) x
      join person p on p.id = x.id
     order by x.place, p.id);
  for start in 1 .. coalesce(cardinality(managers), 0) by 20 loop
    exit when rest = '{}';
    rest := array(
      select unnest(rest)
      except
      select a.thing_id from access_levels(managers[start:start + 19], rest, at) a where a.unlocked = 4);
  end loop;
  return rest;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_visible(who uuid, at timestamp with time zone)
 RETURNS TABLE(node_id uuid, level smallint, unlocked smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 5000
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
declare
  selves int := (select count(distinct s.stead) from access_selves(array[who], at) s);
  lent boolean := exists (select from access_selves(array[who], at) s where s.id <> s.stead);
  reach uuid[] := access_reach(who, at);
begin return query
with i as materialized (select s.* from access_selves(array[who], at) s),
mine as materialized (
  select i.stead, i.id as self_id, g.node_id as id, g.rank, g.level, g.allows
    from i join access_grant g on g.principal_id = any(i.principals)
   where g.node_id is not null and at >= g.valid_from and at < g.valid_until),
locked as materialized (
  select l.node_id as id, min(case when l.hides then 0 else 1 end) as level
    from access_lock l
   where l.node_id is not null and l.counts_from is null and at >= l.valid_from and at < l.valid_until group by 1),
inside as materialized (select unnest(reach) as id),
x as materialized (
  select mine.id from mine union select locked.id from locked
  union select c.id from node c where not c.inherits union select inside.id from inside),
point as materialized (
  select n.id, n.path, n.cut, n.project_id from x
   cross join lateral (select n.* from node n where n.id = x.id offset 0) n
   where n.project_id in (select inside.id from inside)),
stop as materialized (
  select p.id as point_id, p.project_id, p.cut, s.id, s.place from point p, unnest(p.path) with ordinality s(id, place)),
gate as materialized (
  select r.stead, r.id as self_id, unnest(r.projects) as project_id from access_reaches(who, at, 1) r where lent),
held as (
  select mine.stead, mine.self_id, stop.point_id, access_fold(mine.level, mine.allows order by stop.place, mine.rank) as level
    from stop join mine on mine.id = stop.id
   where stop.place >= stop.cut
     and (not lent or (mine.stead, mine.self_id, stop.project_id) in (select g.stead, g.self_id, g.project_id from gate g))
   group by 1, 2, 3),
most as (
  select held.stead, held.point_id, max(held.level) as level from held group by 1, 2),
own as (
  select most.point_id, min(most.level) as level from most group by 1 having selves = 1 or count(*) = selves),
ceiling as (
  select stop.point_id, min(locked.level) as level from stop join locked on locked.id = stop.id group by 1),
answer as materialized (
  select p.id, p.project_id, cardinality(p.path) as depth, coalesce(own.level, 0)::smallint as unlocked,
         least(coalesce(own.level, 0), ceiling.level)::smallint as level
    from point p left join own on own.point_id = p.id left join ceiling on ceiling.point_id = p.id),
deep as materialized (select a.* from answer a where a.id <> a.project_id),
below as materialized (
  select distinct on (n.id) n.id, d.level, d.unlocked
    from deep d join node n on n.project_id = d.project_id and d.id = any(n.path)
   order by n.id, d.depth desc)
select n.id, a.level, a.unlocked from answer a join node n on n.project_id = a.project_id
 where a.id = a.project_id and a.level > 0 and n.id not in (select below.id from below)
union all
select b.id, b.level, b.unlocked from below b where b.level > 0;
end $function$
;

CREATE OR REPLACE FUNCTION public.access_who(thing uuid, at timestamp with time zone)
 RETURNS TABLE(who uuid, level smallint, unlocked smallint, others smallint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with t as (
  select n.path from node n where n.id = thing
  union all
  select n.path || d.id from document d join node n on n.id = d.folder_id where d.id = thing
)
select a.who, a.level, a.unlocked, a.others
  from access_levels(
         access_people(array(
           select distinct g.principal_id from access_grant g, t
            where g.thing_id = any(t.path) and g.allows and at >= g.valid_from and at < g.valid_until)),
         array[thing], at) a
 where a.unlocked > 0 $function$
;

CREATE OR REPLACE FUNCTION public.administrators_besides(asker uuid)
 RETURNS TABLE(id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.id from person p where p.id <> asker and person_runs_firm(p) order by p.id $function$
;

CREATE OR REPLACE FUNCTION public.administrators_one_at_a_time()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select pg_advisory_xact_lock(hashtext('portico_administrators')) $function$
;

CREATE OR REPLACE FUNCTION public.announce(topic text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
select pg_notify('portico', json_build_object('topic', topic, 'seq', nextval('announcement'))::text) $function$
;

CREATE OR REPLACE FUNCTION public.archive_sent(p_ticket uuid, p_first bigint, p_past bigint)
 RETURNS TABLE(person_id uuid, project_id uuid, archive_id uuid, count integer, size bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
  from added a where a.before is null and a.delivered_at is not null $function$
;

CREATE OR REPLACE FUNCTION public.audit_append(bodies text[], salts bytea[], details text[])
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.audit_unchangeable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit log is only ever added to' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.automation_counts(automation uuid)
 RETURNS TABLE(done integer, failed integer, last_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select count(*) filter (where r.state = 'done')::int, count(*) filter (where r.state = 'failed')::int, max(r.ended_at)
    from automation_run r
   where r.automation_id = $1 and r.state in ('done', 'failed') and r.at > now() - interval '30 days' $function$
;

CREATE OR REPLACE FUNCTION public.automation_text(version uuid, words text)
 RETURNS TABLE(has_text boolean, unread boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from page_text t
                  where t.version_id = $1 and position(search_fold($2) in search_fold(t.words)) > 0),
         exists (select from page g
                  where g.version_id = $1 and g.text_key is not null
                    and not exists (select from page_text t where t.version_id = g.version_id and t.no = g.no)) $function$
;

CREATE OR REPLACE FUNCTION public.backup_state()
 RETURNS TABLE(last_at timestamp with time zone, drilled_at timestamp with time zone, every_minutes integer, late boolean, drill_failed boolean, saved_at timestamp with time zone, recent_at timestamp with time zone, documents_at timestamp with time zone, recent_late boolean, recent_problem text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select whole.begun_at, drilled.ended_at, newest.every_minutes,
         coalesce(whole.begun_at, first.begun_at) < now() - 2 * newest.every_minutes * interval '1 minute',
         coalesce((select d.problem is not null from backup_drill d order by d.ended_at desc limit 1), false),
         greatest(whole.begun_at, case when recent.at < recent.documents_at then recent.at else recent.documents_at end),
         recent.at, recent.documents_at,
         coalesce(recent.id and recent_is_late(recent.at, recent.documents_at, whole.begun_at, pg_postmaster_start_time()),
                  false),
         recent.problem
    from (select b.every_minutes from backup b order by b.begun_at desc limit 1) newest
   cross join (select min(b.begun_at) as begun_at from backup b) first
    left join lateral (select b.begun_at from backup b where b.problem is null order by b.begun_at desc limit 1) whole on true
    left join lateral (select d.ended_at from backup_drill d where d.problem is null order by d.ended_at desc limit 1) drilled
      on true
    left join backup_recent recent on true $function$
;

CREATE OR REPLACE FUNCTION public.backup_tell()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  told int := 0;
begin
  if not exists (select from backup_state() s where s.late or s.drill_failed or s.recent_late) then
    delete from clock_mark where name = 'backup.told';
    return 0;
  end if;
  insert into clock_mark (name, at) values ('backup.told', now())
  on conflict (name) do update set at = excluded.at where clock_mark.at < now() - interval '1 day';
  if not found then return 0; end if;
  select count(job_add('notify', jsonb_build_object('template', 'backup', 'person_id', p.id), '', 'backup:' || p.id)) into told
    from person p where person_runs_firm(p);
  return told;
end $function$
;

CREATE OR REPLACE FUNCTION public.backup_unchangeable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'what is known of backups is only ever added to' using errcode = 'insufficient_privilege';
end $function$
;

CREATE OR REPLACE FUNCTION public.backup_under_way()
 RETURNS TABLE(begun_at timestamp with time zone, step text, part real)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select b.begun_at, b.step, b.part from backup_running b where b.told_at > now() - interval '1 minute' $function$
;

CREATE OR REPLACE FUNCTION public.backups(asker uuid, most integer)
 RETURNS TABLE(id uuid, begun_at timestamp with time zone, ended_at timestamp with time zone, every_minutes integer, problem text, database_bytes bigint, database_added bigint, objects_bytes bigint, objects_added bigint, kept integer, drill jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select b.id, b.begun_at, b.ended_at, b.every_minutes, b.problem,
         b.database_bytes, b.database_added, b.objects_bytes, b.objects_added, b.kept,
         (select jsonb_build_object('ended_at', to_char(d.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                                    'seconds', round(extract(epoch from d.ended_at - d.begun_at)::numeric, 1),
                                    'problem', d.problem, 'log_rows', d.log_rows, 'documents', d.documents)
            from backup_drill d where d.backup_id = b.id order by d.ended_at desc limit 1)
    from backup b
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
   order by b.begun_at desc, b.id desc limit most $function$
;

CREATE OR REPLACE FUNCTION public.cap_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if new.capped_by is null then return new; end if;
  perform pg_advisory_xact_lock(hashtext('capped_by'));
  if exists (select from person where id = new.capped_by and capped_by is not null)
     or exists (select from person where capped_by = new.id) then
    raise exception 'a sub-account has no sub-accounts' using errcode = 'check_violation';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.dashboard(person uuid, at timestamp with time zone)
 RETURNS TABLE(list text, kind text, id uuid, title text, project_id uuid, happened_at timestamp with time zone, by_name text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
declare
  since constant timestamptz := at - interval '60 days';
  most constant int := 50;
  me person;
begin
  select * into me from person p where p.id = person;
  return query
  with v as materialized (
    select v.document_id, v.project_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      left join person b on b.id = v.created_by
     where v.received_at > greatest(since, me.unread_since) and b.staff_role is null and v.erased_at is null
       and not exists (select from opened o where o.person_id = person and o.document_id = v.document_id and o.version_id = v.id)
       and not exists (select from read_until r where r.person_id = person and r.project_id = v.project_id and r.at >= v.received_at)
     order by v.received_at desc limit 300)
  select 'arrived', 'document', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0 order by v.received_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      join node p on p.id = v.project_id and p.client_id is not null
      join person b on b.id = v.created_by and b.staff_role is not null
     where v.received_at > since and v.state = 'ready' and v.erased_at is null
       and not exists (select from opened o join person x on x.id = o.person_id and x.staff_role is null
                        where o.document_id = v.document_id and o.version_id = v.id)
     order by v.received_at desc limit 300)
  select 'clients', 'unopened', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0
     -- Somebody of the client may see it: what is the firm's own in a client's project waits for nobody.
     and exists (select from membership x join node p on p.client_id = x.organisation_id and p.id = d.project_id
                  cross join lateral access_levels(array[x.person_id], array[d.id], at) y
                  where at >= x.valid_from and at < x.valid_until and y.level > 0)
   order by v.received_at desc limit most;

  return query
  select 'clients', 'link', l.id, l.recipient, l.project_id, l.created_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.secret_hash is not null and l.opens = 0
     and l.valid_until > at and l.created_at > since
   order by l.created_at desc limit most;

  return query
  select 'clients', 'invitation', i.person_id, p.name, null::uuid, i.created_at, null::text
    from one_time_link i join person p on p.id = i.person_id
   where i.made_by = person and i.purpose = 'invitation' and i.used_at is null and i.created_at > since
     and not exists (select from one_time_link n where n.person_id = i.person_id and n.id > i.id)
   order by i.created_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v left join person b on b.id = v.created_by
     where v.received_at > since and v.state = 'held' and v.erased_at is null
     order by v.received_at desc limit 300)
  select 'us', 'held', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level = 4 order by v.received_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v left join person b on b.id = v.created_by
     where v.waits and v.created_by is distinct from person and v.erased_at is null
     order by v.received_at desc limit 300)
  select 'us', 'release', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level >= 3 and me.staff_role is not null order by v.received_at desc limit most;

  return query
  select 'us', 'renewal', l.id, l.recipient, l.project_id, l.renewal_asked_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.renewal_asked_at is not null
   order by l.renewal_asked_at desc limit most;

  return query
  with c as materialized (
    select c.id, c.documents, c.project_id, b.name as by_name, uuid_extract_timestamp(c.id) as written_at
      from comment c join person b on b.id = c.author_id and b.staff_role is null
     where c.id > uuidv7(since - now()) and c.taken_back_at is null
       and not exists (select from comment n join person s on s.id = n.author_id and s.staff_role is not null
                        where n.documents && c.documents and n.id > c.id)
     order by c.id desc limit 200)
  select distinct on (c.documents[1]) 'us', 'comment', d.id, d.name, c.project_id, c.written_at, c.by_name
    from c join document d on d.id = c.documents[1]
   where (select bool_and(a.level > 0) from access_levels(array[person], c.documents, at) a)
   order by c.documents[1], c.written_at desc limit most;

  if me.staff_role = 'administrator' then
    return query
    select 'us', 'job', null::uuid, count(*)::text, null::uuid, max(j.done_at), null::text
      from job j where j.state = 'dead' having count(*) > 0;
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION public.delivery_sent(p_ticket uuid, p_object_version_id text, p_first bigint, p_past bigint)
 RETURNS TABLE(person_id uuid, project_id uuid, document_id uuid, version_id uuid, size bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with known as (
  select d.ticket, d.delivered_at from delivery d join version v on v.id = d.version_id
   where d.ticket = p_ticket and v.object_version_id = p_object_version_id for update of d
),
added as (
  update delivery d
     set sent = d.sent + int8multirange(int8range(p_first, p_past)),
         delivered_at = coalesce(d.delivered_at,
           case when d.sent + int8multirange(int8range(p_first, p_past)) @> int8range(0, d.size) then clock_timestamp() end)
    from known where d.ticket = known.ticket
  returning d.*, known.delivered_at as before
)
select coalesce(a.person_id, a.link_id), a.project_id, a.document_id, a.version_id, a.size
  from added a where a.before is null and a.delivered_at is not null $function$
;

CREATE OR REPLACE FUNCTION public.deputies_told(asker uuid)
 RETURNS TABLE(deputyship_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select d.id
    from deputy_told t join deputy d on d.id = t.deputyship_id join person p on p.id = t.person_id
   where t.person_id = asker and t.read_at is null and p.staff_role <> 'auditor'
     and (p.staff_role = 'administrator' or asker in (d.absent_id, d.deputy_id)) $function$
;

CREATE OR REPLACE FUNCTION public.directory_organisations(asker uuid, at timestamp with time zone)
 RETURNS TABLE(id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 100
 SET search_path TO 'public', 'pg_temp'
AS $function$
with me as materialized (
  select p.staff_role as role, p.employer_id, s.principals,
         (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as walls
    from person p join access_selves(array[asker], at) s on s.id = p.id and s.stead = p.id
   where p.id = asker and at >= p.valid_from and at < p.valid_until
)
select o.id from me cross join organisation o
 where not exists (select from exclusion e where e.person_id = asker and e.client_id = o.id)
   and case
         when me.role is null then o.id = any(me.principals) or o.id is not distinct from me.employer_id
         when me.role in ('administrator', 'auditor') or not me.walls then true
         else exists (select from assignment a where a.client_id = o.id and a.principal_id = any(me.principals)
                         and at >= a.valid_from and at < a.valid_until)
       end $function$
;

CREATE OR REPLACE FUNCTION public.directory_people(asker uuid, at timestamp with time zone)
 RETURNS TABLE(id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with me as materialized (
  select p.staff_role as role,
         p.staff_role in ('administrator', 'auditor')
           or not (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as open
    from person p where p.id = asker and at >= p.valid_from and at < p.valid_until
),
known as materialized (select o.id from directory_organisations(asker, at) o),
reach as materialized (select access_reach(asker, at) as projects),
member as materialized (
  select b.person_id, bool_or(b.organisation_id in (select known.id from known)) as known
    from belonging b
   where at >= b.valid_from and at < b.valid_until
   group by 1
)
select p.id from me cross join person p left join member on member.person_id = p.id
 where p.id = asker
    or member.known
    or (me.role is not null and p.staff_role is not null)
    or (me.role is not null and member.person_id is null and (me.open or exists (
          select from access_grant g left join node n on n.id = g.node_id left join document d on d.id = g.document_id, reach
           where g.person_id = p.id and coalesce(n.project_id, d.project_id) = any(reach.projects)))) $function$
;

CREATE OR REPLACE FUNCTION public.document_below()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update version set project_id = new.project_id where document_id = new.id;
  update page set project_id = new.project_id from version v where v.id = version_id and v.document_id = new.id;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.document_closed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  new.own_scope := not new.inherits
    or exists (select from access_grant g where g.thing_id = new.id)
    or exists (select from access_lock l where l.thing_id = new.id);
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.document_moved()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  gates int[] := array(
    select 1 from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = new.folder_id);
begin
  if gates <> '{}' and not exists (
    select from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = old.folder_id) then
    perform version_moved(array[new.id]);
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.document_place()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  select n.project_id into new.project_id from node n where n.id = new.folder_id for share;
  if new.project_id is null then
    raise exception 'a document lies in a project' using errcode = 'check_violation';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.document_unread(who uuid, document uuid, project uuid, version jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select version->'created_by'->>'id' is distinct from who::text
     and not exists (select from opened o where o.person_id = who and o.document_id = document and o.version_id::text = version->>'id')
     and coalesce((version->>'received_at')::timestamptz > greatest(
           (select p.unread_since from person p where p.id = who),
           (select r.at from read_until r where r.person_id = who and r.project_id = project)), false) $function$
;

CREATE OR REPLACE FUNCTION public.doers_of(person uuid, at timestamp with time zone)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 2
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select $1
  union
  select d.deputy_id from deputy d
   where d.absent_id = $1 and $2 >= d.valid_from and $2 < d.counts_until
     and standing_in(d.deputy_id, $2) @> jsonb_build_array(jsonb_build_object('id', $1)) $function$
;

CREATE OR REPLACE FUNCTION public.emergencies(asker uuid, most integer DEFAULT 100)
 RETURNS TABLE(id uuid, person_id uuid, project_id uuid, document_id uuid, level smallint, reason text, begun_at timestamp with time zone, valid_until timestamp with time zone, ended_at timestamp with time zone, unread boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select e.id, e.person_id, e.project_id, e.document_id, e.level, e.reason, e.begun_at, e.valid_until,
         case when e.ended_at is null and e.grant_id is null then least(now(), e.valid_until) else e.ended_at end,
         coalesce(t.read_at is null, false) and t.person_id is not null
    from emergency e left join emergency_told t on t.emergency_id = e.id and t.person_id = asker
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
   order by e.begun_at desc, e.id desc limit most $function$
;

CREATE OR REPLACE FUNCTION public.emergency_open(asker uuid, emergency uuid)
 RETURNS TABLE(id uuid, person_id uuid, project_id uuid, document_id uuid, grant_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select e.id, e.person_id, e.project_id, e.document_id, e.grant_id from emergency e
   where e.id = $2 and e.ended_at is null and e.valid_until > now() and e.grant_id is not null
     and exists (select from emergencies(asker) s where s.id = e.id) $function$
;

CREATE OR REPLACE FUNCTION public.emergency_place(thing uuid)
 RETURNS TABLE(kind text, project_id uuid, client_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select n.kind, n.project_id, n.client_id from node n where n.id = thing and n.kind = 'project'
  union all
  select 'document', d.project_id, n.client_id from document d join node n on n.id = d.project_id where d.id = thing $function$
;

CREATE OR REPLACE FUNCTION public.group_removal_preview(g uuid, member uuid, at timestamp with time zone, most integer DEFAULT 500)
 RETURNS TABLE(who uuid, thing_id uuid, before smallint, after smallint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  names uuid[] := array[g] || array(select n.outer_id from group_nesting n where n.inner_id = g);
  whos uuid[] := access_people(array[coalesce(member, g)]);
  things uuid[];
  a jsonb;
  b jsonb;
begin
  whos := array(select unnest(whos) union select p.id from person p where p.capped_by = any(whos));
  things := array(
    select x.thing_id from access_grant x
     where x.principal_id = any(names) and at >= x.valid_from and at < x.valid_until
    union
    select n.id from assignment s join node n on n.client_id = s.client_id and n.kind = 'project'
     where s.principal_id = any(names) and at >= s.valid_from and at < s.valid_until
    limit most);
  a := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
  begin
    if member is null then
      delete from membership m where m.group_id = g;
      delete from group_nesting n where n.outer_id = g or n.inner_id = g;
      delete from access_grant x where x.group_id = g;
      delete from assignment s where s.group_id = g;
    else
      delete from membership m where m.group_id = g and m.person_id = member;
      delete from group_nesting n where n.outer_id = g and n.inner_id = member;
    end if;
    b := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select (x.v->>0)::uuid, (x.v->>1)::uuid, (x.v->>2)::smallint, (y.v->>2)::smallint
    from jsonb_array_elements(a) x(v) join jsonb_array_elements(b) y(v) on x.v->0 = y.v->0 and x.v->1 = y.v->1
   where x.v->2 <> y.v->2;
end $function$
;

CREATE OR REPLACE FUNCTION public.guest_grant()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  ends timestamptz;
begin
  select g.valid_until into ends from project_guest g
   where g.person_id = new.person_id and g.ended_at is null
     and g.project_id = coalesce((select n.project_id from node n where n.id = new.node_id),
                                 (select d.project_id from document d where d.id = new.document_id));
  if ends is not null then
    new.valid_until := greatest(least(new.valid_until, ends), new.valid_from + interval '1 microsecond');
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.guest_projects(person uuid)
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(array_agg(g.project_id), '{}') from project_guest g where g.person_id = person and g.ended_at is null $function$
;

CREATE OR REPLACE FUNCTION public.guest_sponsored(sponsor uuid)
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(array_agg(distinct g.project_id), '{}') from project_guest g where g.sponsor_id = sponsor and g.ended_at is null $function$
;

CREATE OR REPLACE FUNCTION public.has_second_factor(p person)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.totp_confirmed_at is not null or p.email_code_since is not null or p.phone_since is not null
      or exists (select from passkey k where k.person_id = p.id) $function$
;

CREATE OR REPLACE FUNCTION public.inbox_record(bucket text, key text, object_version_id text, kind text, source text, size bigint, happened_at timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.inbox_trace(bucket text, key text, object_version_id text, kind text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select i.trace from inbox i where (i.bucket, i.key, i.object_version_id, i.kind) = ($1, $2, $3, $4) $function$
;

CREATE OR REPLACE FUNCTION public.is_last_administrator(person_id uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select exists (select from person p where p.id = person_id and person_runs_firm(p))
     and not exists (select from person p where p.id <> person_id and person_runs_firm(p)) $function$
;

CREATE OR REPLACE FUNCTION public.job_add(kind text, data jsonb, fairness_key text DEFAULT ''::text, unique_key text DEFAULT NULL::text, run_at timestamp with time zone DEFAULT now(), priority integer DEFAULT 0, max_attempts integer DEFAULT 12)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  added uuid;
begin
  insert into job (kind, data, fairness_key, unique_key, run_at, priority, max_attempts)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (kind, unique_key) where state in ('ready', 'active') do nothing
  returning id into added;
  if added is not null then perform pg_notify('portico_job', $1); end if;
  return added;
end $function$
;

CREATE OR REPLACE FUNCTION public.job_beat(id uuid, token uuid, lease_seconds integer)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with beat as (
  update job set run_at = clock_timestamp() + $3 * interval '1 s'
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from beat) $function$
;

CREATE OR REPLACE FUNCTION public.job_calls(id uuid, token uuid, called text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  update job set called = $3 where job.id = $1 and job.token = $2 and job.state = 'active' and job.called is distinct from $3 $function$
;

CREATE OR REPLACE FUNCTION public.job_claim(kind text, lease_seconds integer, n integer DEFAULT 1)
 RETURNS SETOF job
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with recursive key as (   -- the distinct fairness_keys, each by one step through the index
  (select j.fairness_key from job j
    where j.kind = $1 and j.state in ('ready', 'active') order by j.fairness_key limit 1)
  union all
  select (select j.fairness_key from job j
           where j.kind = $1 and j.state in ('ready', 'active') and j.fairness_key > key.fairness_key
           order by j.fairness_key limit 1)
    from key where key.fairness_key is not null
),
ranked as (
  select due.id, due.priority, due.run_at, busy.n + due.place as turn
    from key
   cross join lateral (
     select count(*) as n from job j
      where j.kind = $1 and j.fairness_key = key.fairness_key and j.state = 'active' and j.run_at > now()) busy
   cross join lateral (
     select j.id, j.priority, j.run_at, row_number() over (order by j.priority, j.run_at) as place
       from (select * from job j
              where j.kind = $1 and j.fairness_key = key.fairness_key and j.state in ('ready', 'active')
                and j.run_at <= now()
              order by j.priority, j.run_at limit $3 + 7) j) due   -- some more: others may hold the first ones
   where key.fairness_key is not null
   order by turn, due.priority, due.run_at limit $3 + 16
),
mine as (
  select j.id from job j join ranked r on r.id = j.id
   where j.state in ('ready', 'active') and j.run_at <= now()
   order by r.turn, r.priority, r.run_at limit $3 for update of j skip locked
)
update job j
   set state = case when j.attempt >= j.max_attempts then 'dead' else 'active' end,
       attempt = case when j.attempt >= j.max_attempts then j.attempt else j.attempt + 1 end,
       token = case when j.attempt >= j.max_attempts then null else gen_random_uuid() end,
       run_at = clock_timestamp() + $2 * interval '1 s',
       error = case when j.attempt >= j.max_attempts then coalesce(j.error, 'its worker did not come back') else j.error end,
       done_at = case when j.attempt >= j.max_attempts then clock_timestamp() end
  from mine where j.id = mine.id
returning j.* $function$
;

CREATE OR REPLACE FUNCTION public.job_continue(id uuid, token uuid, cursor jsonb)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with gone_on as (
  update job set state = 'ready', cursor = $3, attempt = 0, token = null, error = null, run_at = clock_timestamp(),
                 patience_from = clock_timestamp()
   where job.id = $1 and job.token = $2 and job.state = 'active' returning job.kind)
select exists (select pg_notify('portico_job', gone_on.kind) from gone_on) $function$
;

CREATE OR REPLACE FUNCTION public.job_dead(id uuid)
 RETURNS TABLE(id uuid, kind text, reason text, attempts integer, created_at timestamp with time zone, died_at timestamp with time zone, project_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select j.id, j.kind, left(j.error, 200), j.attempt, j.created_at, j.done_at, (j.data->>'project_id')::uuid
    from job j where j.id = $1 and j.state = 'dead' $function$
;

CREATE OR REPLACE FUNCTION public.job_done(id uuid, token uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with done as (
  update job set state = 'done', done_at = clock_timestamp(), error = null
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from done) $function$
;

CREATE OR REPLACE FUNCTION public.job_fail(id uuid, token uuid, error text, after_seconds double precision DEFAULT NULL::double precision, final boolean DEFAULT false)
 RETURNS text
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
update job
   set state = case when final or attempt >= max_attempts then 'dead' else 'ready' end,
       done_at = case when final or attempt >= max_attempts then clock_timestamp() end,
       run_at = clock_timestamp()
         + coalesce($4, least(3600, 2 ^ least(attempt, 12) * (0.5 + random()))) * interval '1 s',
       error = $3, token = null
 where job.id = $1 and job.token = $2 and job.state = 'active'
returning state $function$
;

CREATE OR REPLACE FUNCTION public.job_history(job_id uuid)
 RETURNS TABLE(outcome text, attempt integer, error text, called text, times integer, first_at timestamp with time zone, last_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select a.outcome, a.attempt, left(a.error, 200), a.called, a.times, a.first_at, a.last_at
    from job_attempt a where a.job_id = $1 order by a.id desc limit 200 $function$
;

CREATE OR REPLACE FUNCTION public.job_put_back(id uuid, token uuid, error text, after_seconds double precision)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with away as (
  select coalesce(extract(epoch from clock_timestamp() - (
    select a.first_at from job_attempt a
     where a.job_id = $1 and a.id = (select max(b.id) from job_attempt b where b.job_id = $1)
       and a.outcome = 'failed' and a.last_at > clock_timestamp() - interval '5 minutes')), 0)::double precision as seconds),
put_back as (
  update job
     set state = 'ready', token = null, error = $3,
         run_at = clock_timestamp()
           + coalesce($4, greatest(1, least(30, away.seconds / 10)) * (0.5 + random())) * interval '1 s',
         attempt = attempt - case when patience_from > now() - interval '72 hours' then 1 else 0 end
    from away
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from put_back) $function$
;

CREATE OR REPLACE FUNCTION public.job_remember()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  how text := case when old.state = 'dead' then 'again'
                   when new.state = 'dead' then 'dead'
                   when new.state = 'active' then 'lapsed'
                   else 'failed' end;
  why text := case when how = 'lapsed' then null when how = 'again' then null else left(new.error, 300) end;
  newest job_attempt;
begin
  select * into newest from job_attempt a where a.job_id = old.id order by a.id desc limit 1;
  -- A function that is away for hours is asked each second: that is one line, not thousands.
  if newest.outcome = how and newest.error is not distinct from why and newest.called is not distinct from old.called then
    update job_attempt set times = times + 1, attempt = old.attempt, last_at = clock_timestamp() where id = newest.id;
  else
    insert into job_attempt (job_id, outcome, attempt, error, called) values (old.id, how, old.attempt, why, old.called);
  end if;
  new.called := null;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.jobs_again(ids uuid[])
 RETURNS TABLE(id uuid, kind text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  one record;
  anew jsonb;
begin
  for one in select j.id, j.kind, j.unique_key, (j.data->>'version_id')::uuid as version_id
               from job j where j.id = any(ids) and j.state = 'dead' order by j.id for update loop
    continue when one.unique_key is not null and exists (
      select from job o where o.kind = one.kind and o.unique_key = one.unique_key and o.state in ('ready', 'active'));
    anew := '{}';
    if one.kind = 'scan' then
      update version v set state = 'received', scan_result = null, scan_detail = null
       where v.id = one.version_id and v.state = 'held' and v.scan_result = 'not_scanned' and v.sha256 is null;
    elsif one.kind = 'preview' and exists (
      select from version v where v.id = one.version_id and v.state = 'ready' and v.preview_result <> 'complete') then
      anew := '{"again": true}';
    end if;
    update job set state = 'ready', attempt = 0, run_at = now(), done_at = null, token = null, error = null,
                   patience_from = now(), data = data || anew
     where job.id = one.id;
    perform pg_notify('portico_job', one.kind);
    id := one.id; kind := one.kind;
    return next;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.jobs_dead(before_at timestamp with time zone, before_id uuid, n integer)
 RETURNS TABLE(id uuid, kind text, reason text, attempts integer, created_at timestamp with time zone, died_at timestamp with time zone, project_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select j.id, j.kind, left(j.error, 200), j.attempt, j.created_at, j.done_at::timestamptz(3), (j.data->>'project_id')::uuid
    from job j
   where j.state = 'dead' and (before_at is null or (j.done_at::timestamptz(3), j.id) < (before_at, before_id))
   order by j.done_at::timestamptz(3) desc, j.id desc limit n $function$
;

CREATE OR REPLACE FUNCTION public.jobs_done(since timestamp with time zone)
 RETURNS TABLE(kind text, done integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select j.kind, count(*)::int from job j where j.state = 'done' and j.done_at > since group by 1 order by 1 $function$
;

CREATE OR REPLACE FUNCTION public.jobs_failed(since timestamp with time zone)
 RETURNS TABLE(kind text, called text, cause text, times integer, jobs integer, last_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select j.kind, a.called, coalesce(left(split_part(a.error, ':', 1), 60), a.outcome), sum(a.times)::int,
         count(distinct a.job_id)::int, max(a.last_at)
    from job_attempt a join job j on j.id = a.job_id
   where a.last_at > since and a.outcome in ('failed', 'lapsed', 'dead')
   group by 1, 2, 3 order by 1, 4 desc, 3 limit 100 $function$
;

CREATE OR REPLACE FUNCTION public.jobs_tell()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  due timestamptz := now();
  told int;
begin
  insert into clock_mark (name, at) values ('jobs.told', now()) on conflict (name) do nothing;
  if not found then
    select greatest(now(), m.at + interval '15 minutes') into due from clock_mark m where m.name = 'jobs.told' for update;
  end if;
  -- One that waits already tells of this one as well.
  select count(job_add('notify', jsonb_build_object('template', 'given_up', 'person_id', p.id), '', 'given_up:' || p.id, due))
    into told from person p where person_runs_firm(p);
  if told > 0 then update clock_mark set at = due where name = 'jobs.told'; end if;
  return told;
end $function$
;

CREATE OR REPLACE FUNCTION public.jobs_waiting()
 RETURNS TABLE(kind text, waiting integer, active integer, oldest_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select j.kind, (count(*) filter (where j.state = 'ready'))::int, (count(*) filter (where j.state = 'active'))::int,
         min(j.created_at)
    from job j where j.state in ('ready', 'active') group by 1 order by 1 $function$
;

CREATE OR REPLACE FUNCTION public.keep_joined()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if new.password_hash is not null then
    new.joined_at := coalesce(new.joined_at, now());
  elsif tg_op = 'UPDATE' and old.password_hash is not null then
    new.joined_at := null;
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.last_administrator()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if coalesce(person_runs_firm(old), false) and not coalesce(person_runs_firm(new), false) then
    perform administrators_one_at_a_time();
    if not exists (select from person p where p.id <> old.id and person_runs_firm(p)) then
      raise exception 'nobody could run the firm any more' using errcode = 'check_violation', constraint = 'last_administrator';
    end if;
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.link_mail(link uuid)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when j.state = 'dead' then 'failed'
              when j.state in ('ready', 'active') and (j.attempt > 1 or j.created_at < now() - interval '1 minute') then 'waiting' end
    from job j
   where j.kind = 'notify' and j.data->>'template' = 'link' and j.data->>'link_id' = link::text
   order by j.created_at desc, j.id desc limit 1 $function$
;

CREATE OR REPLACE FUNCTION public.link_stands_in(person uuid, maker uuid, project uuid, at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select standing_in($1, $4) @> jsonb_build_array(jsonb_build_object('id', $2))
     and not exists (select from access_explain($1, $3, $4) e
                      where e.self_id = $1 and e.step in ('not active', 'excluded', 'walled off')) $function$
;

CREATE OR REPLACE FUNCTION public.lock_begins(l access_lock, uploaded_at timestamp with time zone, changed_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select greatest(l.valid_from, case l.counts_from when 'upload' then uploaded_at when 'change' then changed_at end + l.delay) $function$
;

CREATE OR REPLACE FUNCTION public.lock_shown(thing uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with t as (
  select n.path, null::uuid as document_id, null::timestamptz as uploaded_at, null::timestamptz as changed_at
    from node n where n.id = thing
  union all
  select n.path || d.id, d.id, d.created_at, d.changed_at from document d join node n on n.id = d.folder_id where d.id = thing
)
select jsonb_build_object('id', l.id, 'hides', l.hides, 'at', lock_begins(l, t.uploaded_at, t.changed_at), 'counts', l.counts_from is not null)
  from t join access_lock l on l.thing_id = any(t.path)
 where l.made_by is not null and l.valid_until > now()
   and (l.counts_from is null or t.document_id is not null
        and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.document_id))
 order by lock_begins(l, t.uploaded_at, t.changed_at), l.hides desc limit 1 $function$
;

CREATE OR REPLACE FUNCTION public.locks_coming(n integer)
 RETURNS TABLE(lock_id uuid, thing_id uuid, project_id uuid, document_id uuid, begins_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
with soon as materialized (
  select l as lock, l.node_id, l.document_id, l.counts_from from access_lock l
   where l.made_by is not null and l.notice_days > 0 and l.valid_until > now()
),
coming as (
  select s.lock, coalesce(s.node_id, s.document_id) as thing_id, coalesce(m.project_id, d.project_id) as project_id, d.id as document_id,
         (s.lock).valid_from as begins_at
    from soon s left join node m on m.id = s.node_id left join document d on d.id = s.document_id
   where s.counts_from is null
  union all
  select s.lock, d.id, d.project_id, d.id, lock_begins(s.lock, d.created_at, d.changed_at)
    from soon s
   cross join lateral (
     select d.* from document d where d.id = s.document_id
     union all
     select d.* from node m join document d on d.folder_id = m.id where m.path @> array[s.node_id]) d
   where s.counts_from is not null
     and not exists (select from lock_exception e where e.lock_id = (s.lock).id and e.document_id = d.id)
)
select (c.lock).id, c.thing_id, c.project_id, c.document_id, c.begins_at
  from coming c
 where c.begins_at > now() and c.begins_at <= now() + (c.lock).notice_days * interval '24 hours'
   and not exists (select from lock_announced a
                    where a.lock_id = (c.lock).id and a.thing_id = c.thing_id and a.begins_at = c.begins_at)
 limit n $function$
;

CREATE OR REPLACE FUNCTION public.name_text_keep()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  thing_kind text := case when tg_table_name = 'node' then to_jsonb(coalesce(new, old))->>'kind' else 'document' end;
  words text;
  place uuid;
begin
  if tg_op = 'DELETE' then
    delete from name_text where thing_id = old.id;
    return null;
  end if;
  words := new.name;
  if thing_kind = 'document' then
    words := concat_ws(' ', words, array_to_string(array(select jsonb_array_elements_text(to_jsonb(new)->'tags')), ' '),
                       to_jsonb(new)->>'description');
    place := (select d.project_id from document d where d.id = new.id);
  else
    place := (select n.project_id from node n where n.id = new.id);
  end if;
  insert into name_text (thing_id, kind, project_id, vector)
  values (new.id, thing_kind, place, search_vector(words) || array_to_tsvector(array[search_project(place)]))
  on conflict (thing_id) do update set project_id = excluded.project_id, vector = excluded.vector;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.nesting_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform pg_advisory_xact_lock(hashtext('group_nesting'));
  if exists (select from group_nesting where inner_id = new.outer_id or outer_id = new.inner_id) then
    raise exception 'groups nest once' using errcode = 'check_violation';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.node_below()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update node set parent_id = parent_id where parent_id = new.id;
  if old.project_id is distinct from new.project_id then
    update document set folder_id = folder_id where folder_id = new.id;
    update upload set project_id = new.project_id where folder_id = new.id;
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.node_moved()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if exists (select from node n where n.four_eyes and n.id = any(new.path))
     and not exists (select from node n where n.four_eyes and n.id = any(old.path)) then
    perform version_moved(array(
      with recursive below as (   -- paths further down may not have followed yet
        select new.id
        union all
        select n.id from node n join below on n.parent_id = below.id)
      select d.id from document d join below on below.id = d.folder_id));
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.node_place()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  up node;
begin
  if new.parent_id is null then
    new.path := array[new.id]; new.cut := 1; new.scope_id := new.id;
    return new;
  end if;
  select * into strict up from node where id = new.parent_id for share;
  if new.id = any(up.path) then
    raise exception 'a folder cannot be moved into itself' using errcode = 'check_violation';
  end if;
  new.path := up.path || new.id;
  new.cut := case when new.inherits then up.cut else cardinality(new.path) end;
  new.project_id := case when new.kind = 'project' then new.id else up.project_id end;
  new.client_id := case when new.kind = 'project' then new.client_id else up.client_id end;
  new.scope_id := case
    when not new.inherits
      or exists (select from access_grant g where g.thing_id = new.id)
      or exists (select from access_lock l where l.thing_id = new.id) then new.id
    else up.scope_id end;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.notice_unsubscribe(p_person uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
delete from notice_setting where person_id = p_person and project_id is not null;
insert into notice_setting (person_id, pace) values (p_person, 'off')
on conflict (person_id, project_id) do update set pace = 'off';
update notice set mail_at = null where person_id = p_person and mailed_at is null and mail_job is null $function$
;

CREATE OR REPLACE FUNCTION public.page_text_follow()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if old.project_id is distinct from new.project_id then
    update page_text
       set project_id = new.project_id,
           vector = ts_delete(vector, search_shelf_of(new.id) || '/' || search_project(old.project_id))
                    || array_to_tsvector(array[search_shelf_of(new.id) || '/' || search_project(new.project_id)])
     where document_id = new.id;
  end if;
  if old.current_version_id is distinct from new.current_version_id then
    delete from page_text where document_id = new.id and version_id is distinct from new.current_version_id;
    perform job_add('index', jsonb_build_object('version_id', v.id, 'project_id', v.project_id),
                    coalesce(n.client_id, n.id)::text, v.id::text)
       from version v join node n on n.id = v.project_id where v.id = new.current_version_id and v.state = 'ready';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.password_opens(p person)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.staff_role is null or not exists (select from identity_provider i where i.enabled and i.passwords_off) $function$
;

CREATE OR REPLACE FUNCTION public.person_joined(p_person uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
select exists (select from person where id = p_person and joined_at is not null) $function$
;

CREATE OR REPLACE FUNCTION public.person_runs_firm(p person)
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.staff_role = 'administrator' and p.joined_at is not null
     and p.valid_from <= clock_timestamp() and p.valid_until > clock_timestamp() $function$
;

CREATE OR REPLACE FUNCTION public.project_of_thing(thing uuid)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce((select n.project_id from node n where n.id = thing), (select d.project_id from document d where d.id = thing)) $function$
;

CREATE OR REPLACE FUNCTION public.recent_is_late(recent_at timestamp with time zone, documents_at timestamp with time zone, whole_at timestamp with time zone, up_since timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select greatest(case when recent_at < documents_at then recent_at else documents_at end, whole_at, up_since)
         < now() - interval '15 minutes' $function$
;

CREATE OR REPLACE FUNCTION public.reconciliations(asker uuid)
 RETURNS SETOF reconciliation
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select r.* from reconciliation r
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
     and r.id in ((select n.id from reconciliation n order by n.begun_at desc limit 1),
                  (select e.id from reconciliation e where e.ended_at is not null order by e.ended_at desc limit 1))
   order by r.begun_at desc $function$
;

CREATE OR REPLACE FUNCTION public.rescan_add(most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  known int := (select (m.data->>'signatures')::int from clock_mark m where m.name = 'scanner' and m.data->>'problem' is null);
  oldest int := most / 2;
  mark jsonb;
  one record;
  taken uuid[] := '{}';
  newer int;
begin
  if known is null then return 0; end if;
  insert into clock_mark (name, at, data) values ('rescan', now(), '{}') on conflict (name) do nothing;
  select m.data into mark from clock_mark m where m.name = 'rescan' for update;
  if (mark->>'signatures')::int is distinct from known then
    mark := (mark - 'before' - 'id' - 'done') || jsonb_build_object('signatures', known);
  end if;
  if mark ? 'done' then return 0; end if;
  -- What came today goes first; so does the rest of the last batch.
  if exists (select from job j where j.kind = 'rescan' and j.state in ('ready', 'active')) then return 0; end if;
  for one in
    select v.id, v.project_id, v.received_at
      from version v
     where v.received_at <= coalesce((mark->>'before')::timestamptz, 'infinity')
       and (mark->>'before' is null
            or (v.received_at, v.id) < ((mark->>'before')::timestamptz, (mark->>'id')::uuid))
       and v.state in ('checked', 'previewing', 'ready') and v.erased_at is null
       and v.scan_result in ('clean', 'not_scanned') and v.scan_signatures is distinct from known
     order by v.received_at desc, v.id desc limit most - oldest
  loop
    perform job_add('rescan', jsonb_build_object('version_id', one.id, 'project_id', one.project_id), '', one.id::text);
    mark := mark || jsonb_build_object('before', to_char(one.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                       'id', one.id);
    taken := taken || one.id;
  end loop;
  newer := cardinality(taken);
  if newer < most - oldest then mark := mark || '{"done": true}'; end if;
  -- Further on also where a scan failed: it has its turn again with the next round.
  for one in
    select v.id, v.project_id, coalesce(v.scanned_at, '-infinity') as scanned
      from version v
     where (coalesce(v.scanned_at, '-infinity'), v.id)
           > (coalesce((mark->>'scanned')::timestamptz, '-infinity'),
              coalesce((mark->>'scanned_id')::uuid, '00000000-0000-0000-0000-000000000000'))
       and v.state in ('checked', 'previewing', 'ready') and v.erased_at is null
       and v.scan_result in ('clean', 'not_scanned') and v.scan_signatures is distinct from known
       and v.id <> all (taken[1:newer])
     order by coalesce(v.scanned_at, '-infinity'), v.id limit oldest
  loop
    perform job_add('rescan', jsonb_build_object('version_id', one.id, 'project_id', one.project_id), '', one.id::text);
    mark := mark || jsonb_build_object('scanned', one.scanned::text, 'scanned_id', one.id);
    taken := taken || one.id;
  end loop;
  if cardinality(taken) - newer < oldest then mark := mark - 'scanned' - 'scanned_id'; end if;
  update clock_mark set data = mark, at = now() where name = 'rescan';
  return cardinality(taken);
end $function$
;

CREATE OR REPLACE FUNCTION public.scanner_tell()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  told int := 0;
begin
  if not exists (select from clock_mark m where m.name = 'scanner' and m.data->>'problem' is not null)
     and not exists (select from job j
                      where j.kind = 'scan' and j.state in ('ready', 'active') and j.error like 'scanner\_%'
                        and j.created_at < now() - interval '5 minutes') then
    delete from clock_mark where name = 'scanner.told';
    return 0;
  end if;
  perform job_add('scanner', '{}', '', 'scanner');          -- it may be back: asked each minute, not each hour
  insert into clock_mark (name, at) values ('scanner.told', now())
  on conflict (name) do update set at = excluded.at where clock_mark.at < now() - interval '1 day';
  if not found then return 0; end if;
  select count(job_add('notify', jsonb_build_object('template', 'scanner', 'person_id', p.id), '', 'scanner:' || p.id)) into told
    from person p where person_runs_firm(p);
  return told;
end $function$
;

CREATE OR REPLACE FUNCTION public.scope_refresh()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  thing uuid := coalesce(new.thing_id, old.thing_id);
  own boolean;
begin
  if coalesce(new.document_id, old.document_id) is not null then
    perform from document where id = thing for no key update;
  else
    perform from node where id = thing for no key update;
  end if;
  own := exists (select from access_grant g where g.thing_id = thing)
      or exists (select from access_lock l where l.thing_id = thing);
  update document set own_scope = own or not inherits where id = thing and own_scope <> (own or not inherits);
  update node set parent_id = parent_id
   where id = thing and (scope_id = id) <> (own or not inherits or parent_id is null);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_fold(t text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select btrim(regexp_replace(regexp_replace(
    translate(replace(replace(replace(
      lower(regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]', '', 'g') collate "pg_c_utf8"),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'øłđ', 'old') collate "pg_c_utf8",
    '[^[:alnum:]]+', ' ', 'g'),
    '(?<=[0-9])(?=[^0-9 ])|(?<=[^0-9 ])(?=[0-9])', ' ', 'g')) $function$
;

CREATE OR REPLACE FUNCTION public.search_fold_umlauts(t text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when n.t ~ '[äöüÄÖÜ]' then
    search_fold(replace(replace(replace(replace(replace(replace(n.t,
      'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue')) end
    from (select normalize(t, NFC) as t) n $function$
;

CREATE OR REPLACE FUNCTION public.search_lexemes(word text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when word ~ '^[0-9]' then array[word] else
    array[word] || string_to_array('~' || array_to_string(
      ts_lexize('german_stem', word) || ts_lexize('english_stem', word) || ts_lexize('swedish_stem', word), ',~'), ',') end $function$
;

CREATE OR REPLACE FUNCTION public.search_names(person uuid, units jsonb, reach uuid[], at timestamp with time zone, after_kind integer, after_id uuid, n integer)
 RETURNS TABLE(id uuid, kind text, project_id uuid, name text, level smallint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 50
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  query tsquery := search_query(units, true);
  kinds constant text[] := array['project', 'folder', 'document'];
  ids uuid[];
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  query := search_within(query, reach);
  ids := array(
    select x.thing_id from (
      select t.thing_id, array_position(kinds, t.kind) as place from name_text t
       where t.vector @@ query and (reach is null or t.project_id = any(reach))
         and (array_position(kinds, t.kind) > after_kind
              or array_position(kinds, t.kind) = after_kind and t.thing_id < after_id)
       limit 2000) x
     order by x.place, x.thing_id desc);
  for start in 1 .. cardinality(ids) by 50 loop
    return query
    with a as materialized (select * from access_levels(array[person], ids[start:start + 49], at))
    select x.id, x.kind, x.project_id, x.name, a.level
      from a
      join lateral (select d.id, 'document' as kind, d.project_id, d.name from document d where d.id = a.thing_id
                    union all
                    select m.id, m.kind, m.project_id, m.name from node m where m.id = a.thing_id) x on true
     where a.level > 0
     order by array_position(kinds, x.kind), x.id desc limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_page(words text, document uuid, project uuid)
 RETURNS tsvector
 LANGUAGE sql
 STABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select search_shelve(search_vector(words) || search_pairs(words) || array_to_tsvector(array[search_project(project)]),
                       search_shelf_of(document)) $function$
;

CREATE OR REPLACE FUNCTION public.search_pages(person uuid, units jsonb, reach uuid[], at timestamp with time zone, after_id uuid, n integer)
 RETURNS TABLE(id uuid, project_id uuid, name text, level smallint, no integer, pages integer, words text, marks text[])
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER ROWS 50
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET work_mem TO '32MB'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  query tsquery := search_query(units, false);
  template text := search_template(query);
  narrow boolean := coalesce(cardinality(reach) <= 200, false);
  top int := (select max(s.no) from search_shelf s where s.first_id < after_id);
  one record;
  on_shelf tsquery;
  more record;
  ids uuid[] := '{}';
  versions uuid[] := '{}';
  nos int[] := '{}';
  counts int[] := '{}';
  marks text[];   -- what to mark in a snippet: 'vertrag', and 'ver*' for all that begins so
  slice constant int := 50;
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  marks := array(select distinct w || case when m[2] is null then '' else '*' end
                   from regexp_matches(query::text, '''"?([^'']+)''(:\*)?', 'g') m
                  cross join lateral string_to_table(m[1], ' ') w);
  for one in
    select s.no as shelf, '' as within from search_shelf s where not narrow and s.no <= top
    union all
    select p.shelf, '&(' || string_agg('''#/@' || p.project_id || '''', '|') || ')'
      from search_spread p where narrow and p.project_id = any(reach) and p.shelf <= top group by 1
    union all
    select -1, ''   -- the end: what is still to be asked about
    order by 1 desc
  loop
    on_shelf := replace(template || one.within, '#/', one.shelf || '/')::tsquery;
    with hit as materialized (
      select t.document_id, t.version_id, t.no, t.project_id
        from page_text t where one.shelf >= 0 and t.vector @@ on_shelf),
    best as (
      select hit.document_id, hit.version_id, min(hit.no) as no, count(*)::int as pages
        from hit
       where hit.document_id < after_id and (reach is null or hit.project_id in (select unnest(reach)))
       group by 1, 2)
    select coalesce(array_agg(b.document_id order by b.document_id desc), '{}') as ids,
           coalesce(array_agg(b.version_id order by b.document_id desc), '{}') as versions,
           coalesce(array_agg(b.no order by b.document_id desc), '{}') as nos,
           coalesce(array_agg(b.pages order by b.document_id desc), '{}') as counts
      into more from best b;
    ids := ids || more.ids;
    versions := versions || more.versions;
    nos := nos || more.nos;
    counts := counts || more.counts;
    continue when cardinality(ids) < slice and one.shelf >= 0;
    for start in 1 .. cardinality(ids) by slice loop
      return query
      with a as materialized (select * from access_levels(array[person], ids[start:start + slice - 1], at))
      select d.id, d.project_id, d.name, a.level, x.no, x.pages, t.words, marks
        from unnest(ids[start:start + slice - 1], versions[start:start + slice - 1], nos[start:start + slice - 1],
                    counts[start:start + slice - 1]) with ordinality x(id, version_id, no, pages, o)
        join a on a.thing_id = x.id and a.level >= 2
        join document d on d.id = x.id and d.current_version_id = x.version_id
        join version v on v.id = x.version_id and v.state = 'ready'
        join page_text t on t.version_id = x.version_id and t.no = x.no
       order by x.o limit n - found;
      get diagnostics got = row_count;
      found := found + got;
      if found >= n then return; end if;
    end loop;
    ids := '{}'; versions := '{}'; nos := '{}'; counts := '{}';
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_pairs(t text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(array_to_tsvector(array_agg(distinct pair)), '')
    from (values (search_fold(t)), (search_fold_umlauts(t))) f(folded)
   cross join lateral (
     select '"' || left(w.word, 60) || ' ' || left(lead(w.word) over (order by w.place), 60) as pair
       from string_to_table(f.folded, ' ') with ordinality w(word, place)) p
   where pair is not null $function$
;

CREATE OR REPLACE FUNCTION public.search_project(project uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select '@' || project $function$
;

CREATE OR REPLACE FUNCTION public.search_query(units jsonb, of_names boolean)
 RETURNS tsquery
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  u jsonb;
  plain text[];
  umlauts text[];
  term tsquery;
  phrase tsquery;
  whole tsquery;
  more text;
  by_pairs boolean;
begin
  for u in select * from jsonb_array_elements(units) loop
    plain := array_remove(string_to_array(search_fold(u->>'text'), ' '), '');
    umlauts := array_remove(string_to_array(search_fold_umlauts(u->>'text'), ' '), '');
    by_pairs := (u->>'exact')::boolean and not of_names and cardinality(plain) > 1;
    phrase := null;
    for i in 1 .. coalesce(cardinality(plain), 0) loop
      if by_pairs then
        continue when i = 1;
        term := (select string_agg(distinct quote_literal('"' || left(a, 60) || ' ' || left(b, 60)), '|')
                   from (values (plain[i - 1], plain[i]), (umlauts[i - 1], umlauts[i])) x(a, b)
                  where a is not null and b is not null)::tsquery;
        phrase := case when phrase is null then term else phrase && term end;
        continue;
      end if;
      more := case when i = cardinality(plain) and (of_names or (u->>'prefix')::boolean and length(plain[i]) > 2)
                   and not (u->>'exact')::boolean then ':*' else '' end;
      term := (select string_agg(distinct quote_literal(x.lexeme) || x.more, '|')
                 from (select left(w, 60) as lexeme, more from unnest(array[plain[i], umlauts[i]]) w where w <> ''
                       union all
                       select s, '' from unnest(search_lexemes(left(plain[i], 60))) s
                        where s <> '~' and not (u->>'exact')::boolean) x)::tsquery;
      phrase := case when phrase is null then term else phrase <-> term end;
    end loop;
    whole := case when whole is null then phrase when phrase is null then whole else whole && phrase end;
  end loop;
  return whole;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_reach(person uuid, project uuid, at timestamp with time zone, from_level integer)
 RETURNS uuid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  ids uuid[];
begin
  -- Grants are counted before they are followed: of thousands that costs a tenth.
  if project is null and (
    select min(x.n)
      from (select sum(g.n) as n from access_selves(array[person], at) i
             cross join lateral (
               select count(*) as n from access_grant g
                where g.principal_id = any(i.principals) and g.allows and g.level >= from_level
                  and at >= g.valid_from and at < g.valid_until) g
             where i.alive group by i.stead) x) > 1000 then return null; end if;
  ids := access_reach(person, at, from_level);
  return case when project is null then case when cardinality(ids) <= 1000 then ids end
              when project = any(ids) then array[project] else '{}' end;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_shelf_add()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  last search_shelf;
begin
  lock table search_shelf in share row exclusive mode;
  select * into last from search_shelf order by no desc limit 1;
  if (select count(*) from page_text where document_id >= last.first_id) < 32768 then return 0; end if;
  insert into search_shelf values (last.no + 1, uuidv7(interval '1 minute'));
  return 1;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_shelf_of(document uuid)
 RETURNS integer
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select s.no from search_shelf s where s.first_id <= document order by s.first_id desc limit 1 $function$
;

CREATE OR REPLACE FUNCTION public.search_shelve(v tsvector, shelf integer)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select regexp_replace(v::text, '''([^'']+)''', '''' || shelf || '/\1''', 'g')::tsvector $function$
;

CREATE OR REPLACE FUNCTION public.search_spread_keep()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into search_spread (project_id, shelf)
  select distinct f.project_id, search_shelf_of(f.document_id) from fresh f on conflict do nothing;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.search_template(query tsquery)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select '(' || regexp_replace(query::text, '''([^'']+)''', '''#/\1''', 'g') || ')' $function$
;

CREATE OR REPLACE FUNCTION public.search_vector(t text)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  plain text := search_fold(t);
  umlauts text := search_fold_umlauts(t);
begin
  return (
    with word as materialized (
      select left(w.word, 60) as word, string_agg(w.place::text, ',') as places
        from (select * from string_to_table(plain, ' ') with ordinality f(word, place)
              union
              select * from string_to_table(umlauts, ' ') with ordinality u(word, place)) w
       where w.word <> '' group by 1),
    lexeme as (
      select x.lexeme, string_agg(word.places, ',') as places
        from word cross join lateral unnest(search_lexemes(word.word)) as x(lexeme) group by 1)
    select coalesce(string_agg('''' || lexeme || ''':' || places, ' '), '')::tsvector from lexeme where lexeme <> '~');
end $function$
;

CREATE OR REPLACE FUNCTION public.search_within(query tsquery, reach uuid[])
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when reach is null or cardinality(reach) > 200 then query
              else query && (select string_agg(quote_literal(search_project(p)), '|') from unnest(reach) p)::tsquery end $function$
;

CREATE OR REPLACE FUNCTION public.second_factor_due(p person)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case
           when not p.password_alone or p.staff_role = 'administrator' then p.created_at
           when f.second_factor_for = 'nobody' then null
           when f.second_factor_for = 'staff' and p.staff_role is null then null
           when f.second_factor_days = 0 or p.factor_days_from = '-infinity' then p.created_at
           else greatest(coalesce(p.factor_days_from, now()), f.second_factor_since) + make_interval(days => f.second_factor_days)
         end
    from firm f $function$
;

CREATE OR REPLACE FUNCTION public.second_factor_stands(p person)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select second_factor_would_stand(p, f.email_codes, f.sms_codes) from firm f $function$
;

CREATE OR REPLACE FUNCTION public.second_factor_would_stand(p person, emails boolean, texts boolean)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select p.totp_confirmed_at is not null
      or exists (select from passkey k where k.person_id = p.id)
      or (p.staff_role is distinct from 'administrator'
          and ((texts and p.phone_since is not null)
               or (emails and p.email_code_since is not null and p.password_alone))) $function$
;

CREATE OR REPLACE FUNCTION public.standing_in(person uuid, at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'until', to_jsonb(x.until)) order by x.until, a.name), '[]')
    from (select d.absent_id, max(d.counts_until) as until from deputy d
           where d.deputy_id = $1 and $2 >= d.valid_from and $2 < d.counts_until group by 1) x
    join person a on a.id = x.absent_id and a.staff_role <> 'auditor' and a.capped_by is null
     and $2 >= a.valid_from and $2 < a.valid_until
    join person p on p.id = $1 and p.staff_role <> 'auditor' and $2 >= p.valid_from and $2 < p.valid_until $function$
;

CREATE OR REPLACE FUNCTION public.still_owed(p person, factors smallint, alone boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case
           when (factors = 1 or alone) and has_second_factor(p) then 'second_factor'
           when factors = 1 then 'set_up_second_factor'
           when (alone or (has_second_factor(p) and not second_factor_stands(p)))
                and second_factor_due(p) <= now() then 'set_up_second_factor'
           else 'done'
         end $function$
;

CREATE OR REPLACE FUNCTION public.trace_now()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$ select nullif(current_setting('portico.trace', true), '') $function$
;

CREATE OR REPLACE FUNCTION public.upload_projects(person uuid, ids uuid[])
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select coalesce(array_agg(distinct u.project_id), '{}') from upload u where u.id = any($2) and u.person_id = $1 $function$
;

CREATE OR REPLACE FUNCTION public.version_arrived()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update document d set changed_at = a.at
    from (select arrived.document_id, max(arrived.received_at) as at from arrived group by 1) a
   where d.id = a.document_id and d.changed_at < a.at;
  if exists (select from node n where n.four_eyes) then
    update version v set waits = true
      from arrived a
      join document d on d.id = a.document_id
      join node f on f.id = d.folder_id
      left join person p on p.id = a.created_by
     where v.id = a.id and (a.created_by is null or p.staff_role is not null)
       and exists (select from node n where n.four_eyes and n.id = any(f.path));
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.version_current_keep()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  best record;
begin
  perform 1 from document d where d.id = new.document_id for no key update;
  select v.id, v.waits into best from version v where v.document_id = new.document_id
   order by v.waits, v.state in ('checked', 'previewing', 'ready') desc, v.no desc limit 1;
  update document d set current_version_id = best.id, waits = best.waits
   where d.id = new.document_id and (d.current_version_id is distinct from best.id or d.waits <> best.waits);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.version_moved(documents uuid[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  update version v set waits = true
   where v.document_id = any(documents) and not v.waits and v.shown_at is null
     and (v.created_by is null or exists (select from person p where p.id = v.created_by and p.staff_role is not null)) $function$
;

CREATE OR REPLACE FUNCTION public.webhook_rest(p_id uuid, p_state text)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  told uuid[];
begin
  update webhook w set state = p_state, state_at = now() where w.id = p_id and w.state = 'on' and w.ended_at is null;
  if not found then return; end if;
  update webhook_delivery d set state = 'failed' where d.webhook_id = p_id and d.state = 'waiting' and d.audit_seq is not null;
  select array_agg(p.id) into told from person p join webhook w on w.id = p_id and w.made_by = p.id where person_runs_firm(p);
  if told is null then select array_agg(p.id) into told from person p where person_runs_firm(p); end if;
  update webhook w set told_to = coalesce(told, '{}') where w.id = p_id;
  perform job_add('notify', jsonb_build_object('template', 'webhook', 'person_id', x, 'webhook_id', p_id)),
          announce('person:' || x)
     from unnest(told) x;
  return query select unnest(told);
end $function$
;

-- ── Grants: who may do what with tables and columns

grant delete, insert, select, update (allows, changed_at, changed_by, given_by, level, note, revision, valid_from, valid_until) on access_grant to portico_app;
grant delete, insert, select, update (valid_until) on access_lock to portico_app;
grant insert, select, update (last_used_at, revoked_at) on api_key to portico_app;
grant insert (count, documents, folder_id, name, person_id, project_id, size), select, update (state) on archive to portico_app;
grant insert (archive_id, person_id, project_id, size), select on archive_delivery to portico_app;
grant insert (archive_id, document_id, path, place, project_id, sha256, size, state, version_id, why), select on archive_file to portico_app;
grant delete, insert, select, update on assignment to portico_app;
grant select on audit to portico_app;
grant select on audit_detail to portico_app;
grant insert, select, update (actions, active, age_days, changed_at, conditions, ended_at, from_seq, happens, key_id, made_by, name, place_id) on automation to portico_app;
grant select on automation_run to portico_app;
grant select on belonging to portico_app;
grant insert, select, update (taken_back_at, text) on comment to portico_app;
grant insert, select on delivery to portico_app;
grant insert, select, update (ended_at, ended_by) on deputy to portico_app;
grant insert, select, update (read_at) on deputy_told to portico_app;
grant delete, insert, select, update on device to portico_app;
grant insert (created_at, created_by, current_version_id, folder_id, id, name, project_id), select, update (current_version_id, described_at, description, folder_id, inherits, name, tags) on document to portico_app;
grant select on document_shown to portico_app;
grant delete, insert, select, update on door_code to portico_app;
grant insert, select, update (ended_at, ended_by) on emergency to portico_app;
grant insert, select, update (read_at) on emergency_told to portico_app;
grant delete, insert, select, update on exclusion to portico_app;
grant delete, insert, select, update on favourite to portico_app;
grant insert, select, update on firm to portico_app;
grant insert, select, update (again, skipped) on first_step to portico_app;
grant delete, insert, select, update on group_nesting to portico_app;
grant insert, select, update on groups to portico_app;
grant delete, insert, select, update on idempotency to portico_app;
grant delete, insert, select, update on identity to portico_app;
grant delete, insert, select, update on identity_provider to portico_app;
grant select on incident to portico_app;
grant insert, select, update (looks, made_by, max_opens, opens, renewal_asked_at, revoked_at, valid_until) on link to portico_app;
grant insert, select on lock_announced to portico_app;
grant delete, insert, select on lock_exception to portico_app;
grant delete, insert, select, update on membership to portico_app;
grant insert (client_id, id, inherits, kind, name, parent_id, walls), select, update (client_id, four_eyes, inherits, name, parent_id, walls) on node to portico_app;
grant select, update (read_at) on notice to portico_app;
grant delete, insert, select, update on notice_setting to portico_app;
grant delete, insert, select, update on one_time_link to portico_app;
grant delete, insert, select, update on opened to portico_app;
grant insert, select, update on organisation to portico_app;
grant select on page to portico_app;
grant delete, insert, select, update (counter, last_used_at, name) on passkey to portico_app;
grant delete, insert, select on passkey_challenge to portico_app;
grant insert, select, update on person to portico_app;
grant insert, select, update on project_guest to portico_app;
grant delete, insert, select on provider_visit to portico_app;
grant delete, insert, select, update on rate_limit to portico_app;
grant delete, insert, select, update on read_until to portico_app;
grant delete, insert, select, update (used_at) on recovery_code to portico_app;
grant insert, select, update (valid_until) on seen_as to portico_app;
grant delete, insert, select, update on session to portico_app;
grant insert, select, update (emptied_at, emptied_by, restored_at) on trash to portico_app;
grant insert, select, update on upload to portico_app;
grant insert, select, update (released_at, released_by, shown_at, shown_by, state, waits) on version to portico_app;
grant insert, select, update (expires_at) on visit to portico_app;
grant insert, select, update (confirmed_by, expires_at, hash, used_at, withdrawn_at) on way_in to portico_app;
grant insert, select, update on webhook to portico_app;
grant insert, select, update on webhook_delivery to portico_app;
grant insert (body, reason) on inbox_unreadable to portico_intake;
grant select on access_grant to portico_pipeline;
grant select on access_lock to portico_pipeline;
grant select (expires_at, id, person_id, project_id, revoked_at, scopes) on api_key to portico_pipeline;
grant delete, select, update (done_size, expires_at, ready_at, state, swept_at, trouble, upload_id, zip_size) on archive to portico_pipeline;
grant select, update (crc, state, why, zip_offset) on archive_file to portico_pipeline;
grant delete, insert, select, update on archive_part to portico_pipeline;
grant select on assignment to portico_pipeline;
grant select on audit to portico_pipeline;
grant select on automation to portico_pipeline;
grant delete, insert, select, update (ended_at, state, steps) on automation_run to portico_pipeline;
grant insert, select, update on clock_mark to portico_pipeline;
grant select (author_id, documents, id, mentions, project_id, taken_back_at), update (taken_back_at, text) on comment to portico_pipeline;
grant select on deputy to portico_pipeline;
grant delete, select (last_at) on device to portico_pipeline;
grant insert (created_at, created_by, current_version_id, folder_id, id, name, project_id), select, update (current_version_id, name) on document to portico_pipeline;
grant select (expires_at, id) on door_code to portico_pipeline;
grant select (document_id, end_noted, ended_at, grant_id, id, person_id, project_id, valid_until), update (end_noted) on emergency to portico_pipeline;
grant select on exclusion to portico_pipeline;
grant select on firm to portico_pipeline;
grant select on group_nesting to portico_pipeline;
grant select on groups to portico_pipeline;
grant delete, select on idempotency to portico_pipeline;
grant select on inbox to portico_pipeline;
grant delete, select on inbox_unreadable to portico_pipeline;
grant insert, select, update on incident to portico_pipeline;
grant delete, select on job to portico_pipeline;
grant select (id, made_by, valid_from, valid_until) on link to portico_pipeline;
grant insert, select on lock_announced to portico_pipeline;
grant select on lock_exception to portico_pipeline;
grant select on membership to portico_pipeline;
grant insert (client_id, id, inherits, kind, name, parent_id, walls), select on node to portico_pipeline;
grant insert, select, update on notice to portico_pipeline;
grant select on notice_setting to portico_pipeline;
grant delete, select (expires_at, id, purpose, used_at) on one_time_link to portico_pipeline;
grant select on organisation to portico_pipeline;
grant delete, insert, select, update on page to portico_pipeline;
grant delete, insert, select, update on page_text to portico_pipeline;
grant select (capped_by, email, id, locale, name, placeholder_for, staff_role, time_zone, valid_from, valid_until) on person to portico_pipeline;
grant select, update (ended_at, reminded, told_without) on project_guest to portico_pipeline;
grant delete, select on rate_limit to portico_pipeline;
grant insert, select, update on reconciliation to portico_pipeline;
grant delete, select (expires_at, id, last_used_at, person_id) on session to portico_pipeline;
grant select, update (emptied_at, erased_at) on trash to portico_pipeline;
grant select, update on upload to portico_pipeline;
grant insert, select, update on version to portico_pipeline;
grant select, update on webhook to portico_pipeline;
grant delete, insert, select, update on webhook_delivery to portico_pipeline;

-- ── Grants: who may call which function

grant execute on function access_apart to portico_app, portico_pipeline;
grant execute on function access_changes to portico_app;
grant execute on function access_explain to portico_app;
grant execute on function access_in_place_of to portico_app;
grant execute on function access_kept to portico_app, portico_pipeline;
grant execute on function access_levels to portico_app, portico_pipeline;
grant execute on function access_list to portico_app;
grant execute on function access_moments to portico_app;
grant execute on function access_of_document to portico_app, portico_pipeline;
grant execute on function access_of_node to portico_app, portico_pipeline;
grant execute on function access_path to portico_app;
grant execute on function access_projects to portico_app;
grant execute on function access_reach to portico_app, portico_pipeline;
grant execute on function access_reason to portico_app;
grant execute on function access_sees_waiting to portico_app, portico_pipeline;
grant execute on function access_tree to portico_app;
grant execute on function access_try to portico_app;
grant execute on function access_unmanaged to portico_app;
grant execute on function access_visible to portico_app;
grant execute on function access_who to portico_app, portico_pipeline;
grant execute on function administrators_besides to portico_app;
grant execute on function administrators_one_at_a_time to portico_app;
grant execute on function announce to portico_app, portico_pipeline;
grant execute on function archive_sent to portico_intake;
grant execute on function audit_append to portico_app, portico_intake, portico_pipeline;
grant execute on function automation_counts to portico_app;
grant execute on function automation_text to portico_app;
grant execute on function backup_state to portico_app, portico_pipeline;
grant execute on function backup_tell to portico_pipeline;
grant execute on function backup_under_way to portico_app;
grant execute on function backups to portico_app;
grant execute on function dashboard to portico_app;
grant execute on function delivery_sent to portico_intake;
grant execute on function deputies_told to portico_app;
grant execute on function directory_organisations to portico_app;
grant execute on function directory_people to portico_app;
grant execute on function document_unread to portico_app;
grant execute on function doers_of to portico_app, portico_pipeline;
grant execute on function emergencies to portico_app;
grant execute on function emergency_open to portico_app;
grant execute on function emergency_place to portico_app;
grant execute on function group_removal_preview to portico_app;
grant execute on function guest_projects to portico_app;
grant execute on function guest_sponsored to portico_app;
grant execute on function has_second_factor to portico_app;
grant execute on function inbox_record to portico_app, portico_intake, portico_pipeline;
grant execute on function inbox_trace to portico_intake;
grant execute on function is_last_administrator to portico_app;
grant execute on function job_add to portico_app, portico_pipeline;
grant execute on function job_beat to portico_pipeline;
grant execute on function job_calls to portico_pipeline;
grant execute on function job_claim to portico_pipeline;
grant execute on function job_continue to portico_pipeline;
grant execute on function job_dead to portico_app;
grant execute on function job_done to portico_pipeline;
grant execute on function job_fail to portico_pipeline;
grant execute on function job_history to portico_app;
grant execute on function job_put_back to portico_pipeline;
grant execute on function jobs_again to portico_app;
grant execute on function jobs_dead to portico_app;
grant execute on function jobs_done to portico_app;
grant execute on function jobs_failed to portico_app;
grant execute on function jobs_tell to portico_pipeline;
grant execute on function jobs_waiting to portico_app;
grant execute on function link_mail to portico_app;
grant execute on function link_stands_in to portico_app;
grant execute on function lock_begins to portico_app, portico_pipeline;
grant execute on function lock_shown to portico_app;
grant execute on function locks_coming to portico_pipeline;
grant execute on function notice_unsubscribe to portico_app;
grant execute on function password_opens to portico_app;
grant execute on function person_joined to portico_pipeline;
grant execute on function project_of_thing to portico_app;
grant execute on function reconciliations to portico_app;
grant execute on function rescan_add to portico_pipeline;
grant execute on function scanner_tell to portico_pipeline;
grant execute on function search_fold to portico_pipeline;
grant execute on function search_fold_umlauts to portico_pipeline;
grant execute on function search_lexemes to portico_pipeline;
grant execute on function search_names to portico_app;
grant execute on function search_page to portico_pipeline;
grant execute on function search_pages to portico_app;
grant execute on function search_pairs to portico_pipeline;
grant execute on function search_project to portico_pipeline;
grant execute on function search_reach to portico_app;
grant execute on function search_shelf_add to portico_pipeline;
grant execute on function search_shelf_of to portico_pipeline;
grant execute on function search_shelve to portico_pipeline;
grant execute on function search_vector to portico_pipeline;
grant execute on function second_factor_due to portico_app;
grant execute on function second_factor_stands to portico_app;
grant execute on function second_factor_would_stand to portico_app;
grant execute on function standing_in to portico_app;
grant execute on function still_owed to portico_app;
grant execute on function trace_now to portico_app, portico_intake, portico_pipeline;
grant execute on function upload_projects to portico_app;
grant execute on function webhook_rest to portico_pipeline;

-- Ways in: forgotten passwords, browsers that were here before, proof asked for anew, another address.

-- ── One-time links ─────────────────────────────────────────────────────────────────────────────────────────

-- email: of a change of address the new one, of its undoing the old one. A change belongs to the session that began it and
-- goes with it: nobody else's session carries it out.
alter table one_time_link
  drop constraint one_time_link_purpose_check,
  add constraint one_time_link_purpose_check check (purpose in ('setup', 'invitation', 'reset', 'email', 'email-undo')),
  add column email text,
  add column session_id uuid references session (id) on delete cascade,
  add constraint one_time_link_email_check check ((purpose in ('email', 'email-undo')) = (email is not null)),
  add constraint one_time_link_session_check check ((purpose = 'email') = (session_id is not null));
create index one_time_link_person on one_time_link (person_id, purpose) where used_at is null;
create index one_time_link_session on one_time_link (session_id) where session_id is not null;
-- Addresses in them are not kept for longer than they are of use.
grant select (purpose) on one_time_link to portico_pipeline;

-- ── Sessions ───────────────────────────────────────────────────────────────────────────────────────────────

-- proved_at: when a factor was last shown. place: the address, shortened to its network.
alter table session
  add column proved_at timestamptz not null default now(),
  add column place text;
update session set proved_at = created_at;

-- A browser in which somebody got in with both factors, known by a random cookie of its own. Several people may share one.
create table device (
  token_hash bytea not null check (length(token_hash) = 32),
  person_id uuid not null references person,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (person_id, token_hash)
);
create index device_last on device (last_at);
grant select, insert, update, delete on device to portico_app;
grant select (last_at), delete on device to portico_pipeline;

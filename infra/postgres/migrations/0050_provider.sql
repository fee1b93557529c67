-- Staff may sign in with the firm's own accounts (OpenID Connect): Entra ID, Keycloak and their like.

-- ── The provider ───────────────────────────────────────────────────────────────────────────────────────────

-- One, or none. What its claims are worth is said here; who gets in by them is rules/provider.ts.
create table identity_provider (
  one boolean primary key default true check (one),
  enabled boolean not null,
  name text not null check (length(name) between 1 and 60),   -- as people know it: "Mit … anmelden"
  issuer text not null,
  client_id text not null,
  client_secret text not null,                                -- sealed (_shared/auth/sealed.ts)
  scopes text not null,                                       -- beside openid, profile and email
  role_claim text not null,
  roles jsonb not null check (jsonb_typeof(roles) = 'object'),-- role → the claim's values that give it
  factors text not null check (factors in ('own', 'claims', 'always')),
  factor_values text[] not null,                              -- of acr and amr, where factors is 'claims'
  trusts_email boolean not null,                              -- also an address that the provider does not call verified
  creates_accounts boolean not null,
  passwords_off boolean not null check (enabled or not passwords_off),
  changed_at timestamptz not null default now(),
  connected_at timestamptz not null default now()             -- what decides who gets in was last changed then
);

-- Who somebody is at a provider. The subject alone names them there: addresses are given to others.
create table identity (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  issuer text not null,
  subject text not null check (length(subject) between 1 and 255),
  linked_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  shut_at timestamptz,                                        -- the account was locked then: the provider gave no role
  unique (issuer, subject),
  unique (issuer, person_id)
);
create index identity_person on identity (person_id);

-- A sign-in that is under way at the provider. Taken by whoever comes back with it, and so good once.
create table provider_visit (
  state_hash bytea primary key check (length(state_hash) = 32),
  holder bytea not null check (length(holder) = 32),          -- SHA-256 of the cookie's token it was given to
  session_id uuid references session (id) on delete cascade,  -- who is in and shows it again; null: a sign-in
  sealed text not null,                                       -- nonce and PKCE verifier
  next text not null,
  begun_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index provider_visit_end on provider_visit (expires_at);
create index provider_visit_session on provider_visit (session_id) where session_id is not null;

-- Which identity a session began with; null: a password, a passkey.
alter table session add column identity_id uuid references identity on delete cascade;
create index session_identity on session (identity_id) where identity_id is not null;

-- Whether a password opens anything for somebody.
create function password_opens(p person) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select p.staff_role is null or not exists (select from identity_provider i where i.enabled and i.passwords_off) $$;

-- ── Who is in ──────────────────────────────────────────────────────────────────────────────────────────────

-- A password was what said that somebody had come in for the first time; who comes by the provider has none.
alter table person add column joined_at timestamptz;
update person set joined_at = created_at where password_hash is not null;

create function keep_joined() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if new.password_hash is not null then
    new.joined_at := coalesce(new.joined_at, now());
  elsif tg_op = 'UPDATE' and old.password_hash is not null then
    new.joined_at := null;
  end if;
  return new;
end $$;
-- Its name comes before last_administrator: triggers run in the order of their names.
create trigger keep_joined before insert or update of password_hash on person
  for each row execute function keep_joined();

create or replace function person_runs_firm(p person) returns boolean
language sql volatile set search_path = public, pg_temp as $$
  select p.staff_role = 'administrator' and p.joined_at is not null
     and p.valid_from <= clock_timestamp() and p.valid_until > clock_timestamp() $$;

drop trigger last_administrator on person;
create trigger last_administrator before update of staff_role, password_hash, joined_at, valid_from, valid_until on person
  for each row execute function last_administrator();

-- Whether nobody could run the firm without this one. Ask it with administrators_one_at_a_time().
create function is_last_administrator(person_id uuid) returns boolean
language sql volatile security definer set search_path = public, pg_temp as $$
  select exists (select from person p where p.id = person_id and person_runs_firm(p))
     and not exists (select from person p where p.id <> person_id and person_runs_firm(p)) $$;

create or replace function person_joined(p_person uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
select exists (select from person where id = p_person and joined_at is not null) $$;

revoke execute on function password_opens, is_last_administrator, keep_joined from public;
grant execute on function password_opens, is_last_administrator to portico_app;
grant select, insert, update, delete on identity_provider, identity to portico_app;
grant select, insert, delete on provider_visit to portico_app;

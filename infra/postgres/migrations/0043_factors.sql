-- Second factors beside the app: passkeys (WebAuthn level 3) and recovery codes.

create table passkey (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  credential_id text not null unique,                      -- base64url, the authenticator's own name for it
  public_key bytea not null,                               -- COSE
  counter bigint not null check (counter >= 0),            -- 0 for ever: an authenticator that does not count
  transports text[] not null,                              -- how the browser reaches it ("internal", "usb", ...)
  name text not null check (length(name) between 1 and 255),
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkey_person on passkey (person_id);

-- What an authenticator is asked to sign. Taken by whoever answers it, and so answered once; never looked at in between.
create table passkey_challenge (
  hash bytea primary key check (length(hash) = 32),        -- SHA-256 of the challenge
  purpose text not null check (purpose in ('add', 'second_factor', 'sign_in', 'prove')),
  holder bytea not null check (length(holder) = 32),       -- SHA-256 of the cookie's token it was given to
  expires_at timestamptz not null
);
create index passkey_challenge_end on passkey_challenge (expires_at);

create table recovery_code (
  person_id uuid not null references person,
  hash bytea not null check (length(hash) = 32),           -- SHA-256 of the person's id and a code of 120 bits
  made_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (person_id, hash)
);

-- What counts as a second factor, said once. A recovery code is none: it only stands in for one.
create function has_second_factor(p person) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select p.totp_confirmed_at is not null or exists (select from passkey k where k.person_id = p.id) $$;

grant select, insert, delete on passkey to portico_app;
grant update (counter, last_used_at, name) on passkey to portico_app;
grant select, insert, delete on passkey_challenge to portico_app;
grant select, insert, delete on recovery_code to portico_app;
grant update (used_at) on recovery_code to portico_app;
revoke execute on function has_second_factor from public;
grant execute on function has_second_factor to portico_app;

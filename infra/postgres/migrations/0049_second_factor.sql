-- By when a second factor must stand, codes by mail and by text message, and the way in for who has lost all factors.

-- ── What the firm asks for ─────────────────────────────────────────────────────────────────────────────────

alter table firm
  add column second_factor_for text not null default 'everybody' check (second_factor_for in ('everybody', 'staff', 'nobody')),
  add column second_factor_days int not null default 3 check (second_factor_days between 0 and 30),   -- 0: at once
  add column second_factor_since timestamptz not null default '-infinity',   -- when that was last changed: days count from it
  add column email_codes boolean not null default false,
  add column sms_codes boolean not null default false,
  add column way_in_four_eyes boolean not null default false;
-- Nothing is loosened behind anybody's back: until now it was "at once".
update firm set second_factor_days = 0;

-- password_alone: the password was measured to be long enough to open by itself (rules/password.ts).
-- factor_days_from: the first sign-in; '-infinity': no days are left. phone: JWE under data-key.
alter table person
  add column password_alone boolean not null default false,
  add column factor_days_from timestamptz,
  add column email_code_since timestamptz,
  add column phone text,
  add column phone_since timestamptz,
  add check ((phone is null) = (phone_since is null));
update person set factor_days_from = created_at where password_hash is not null;

-- alone: begun with the password while no second factor stood. It is worth nothing once one does, or once one is due.
alter table session add column alone boolean not null default false;

-- ── What counts ────────────────────────────────────────────────────────────────────────────────────────────

-- What somebody can show at the second door. What the firm allows no longer still guards its owner's door: with the
-- password alone nobody may put another factor in its place.
create or replace function has_second_factor(p person) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select p.totp_confirmed_at is not null or p.email_code_since is not null or p.phone_since is not null
      or exists (select from passkey k where k.person_id = p.id) $$;

-- Whether one of them satisfies the firm, if it allowed codes by mail, by text message. Never those for who runs the firm.
-- A code by mail stands only beside a password that could stand alone: the mailbox opens the reset of the password as well.
create function second_factor_would_stand(p person, emails boolean, texts boolean) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select p.totp_confirmed_at is not null
      or exists (select from passkey k where k.person_id = p.id)
      or (p.staff_role is distinct from 'administrator'
          and ((texts and p.phone_since is not null)
               or (emails and p.email_code_since is not null and p.password_alone))) $$;

create function second_factor_stands(p person) returns boolean
language sql stable set search_path = public, pg_temp as $$
  select second_factor_would_stand(p, f.email_codes, f.sms_codes) from firm f $$;

-- By when one must stand; null: never. At once is a moment that has passed. docs/decisions/second-factor.md
create function second_factor_due(p person) returns timestamptz
language sql stable set search_path = public, pg_temp as $$
  select case
           when not p.password_alone or p.staff_role = 'administrator' then p.created_at
           when f.second_factor_for = 'nobody' then null
           when f.second_factor_for = 'staff' and p.staff_role is null then null
           when f.second_factor_days = 0 or p.factor_days_from = '-infinity' then p.created_at
           else greatest(coalesce(p.factor_days_from, now()), f.second_factor_since) + make_interval(days => f.second_factor_days)
         end
    from firm f $$;

-- What somebody has still to do before they are in, who showed so many factors.
create function still_owed(p person, factors smallint, alone boolean) returns text
language sql stable set search_path = public, pg_temp as $$
  select case
           when (factors = 1 or alone) and has_second_factor(p) then 'second_factor'
           when factors = 1 then 'set_up_second_factor'
           when (alone or (has_second_factor(p) and not second_factor_stands(p)))
                and second_factor_due(p) <= now() then 'set_up_second_factor'
           else 'done'
         end $$;

-- ── Codes that are sent ────────────────────────────────────────────────────────────────────────────────────

-- One at a time in each session, bound to it, for ten minutes: somebody else who knows the password and asks for codes
-- takes the owner's from nobody.
create table door_code (
  session_id uuid primary key references session (id) on delete cascade,
  id uuid not null unique default uuidv7(),
  kind text not null check (kind in ('email', 'sms')),
  purpose text not null check (purpose in ('enter', 'set_up', 'prove')),
  hash text not null,                                       -- argon2id, PHC string
  phone text,                                               -- JWE: the number that is to be verified by it
  tries smallint not null default 0,
  expires_at timestamptz not null
);
grant select, insert, update, delete on door_code to portico_app;
grant select (id, expires_at) on door_code to portico_pipeline;

-- ── The way in for who has lost every factor ───────────────────────────────────────────────────────────────

create table way_in (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  hash text,                                                -- argon2id; null once it opens nothing any more
  made_by uuid not null references person,
  made_at timestamptz not null default now(),
  four_eyes boolean not null,                               -- opens nothing before a second administrator has confirmed it
  confirmed_by uuid references person,
  expires_at timestamptz not null,
  used_at timestamptz,
  withdrawn_at timestamptz,
  check (confirmed_by is null or (four_eyes and confirmed_by <> made_by and confirmed_by <> person_id)),
  check (made_by <> person_id)
);
create unique index way_in_open on way_in (person_id) where used_at is null and withdrawn_at is null;
create index way_in_made_by on way_in (made_by) where used_at is null and withdrawn_at is null;
grant select, insert on way_in to portico_app;
grant update (hash, confirmed_by, expires_at, used_at, withdrawn_at) on way_in to portico_app;

revoke execute on function second_factor_would_stand, second_factor_stands, second_factor_due, still_owed from public;
grant execute on function second_factor_would_stand, second_factor_stands, second_factor_due, still_owed to portico_app;

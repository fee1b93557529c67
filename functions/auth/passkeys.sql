-- name: own
select id, name, created_at, last_used_at from passkey where person_id = $1 order by created_at, id

-- name: known
select credential_id, transports from passkey where person_id = $1

-- name: lock
-- Whoever adds or removes a factor waits for whoever does the same for this person.
select id from person where id = $1 for no key update

-- name: factors
-- A statement of its own: within the lock's one it would count what was there before the wait.
select p.totp_confirmed_at as app_set_up_at,
       (select count(*)::int from passkey k where k.person_id = p.id) as passkeys,
       p.email_code_since is not null and f.email_codes and p.password_alone
         and p.staff_role is distinct from 'administrator' as email,
       p.phone_since is not null and f.sms_codes and p.staff_role is distinct from 'administrator' as sms,
       second_factor_due(p) is not null as asked
  from person p cross join firm f where p.id = $1

-- name: add
insert into passkey (person_id, credential_id, public_key, counter, transports, name)
values ($1, $2, $3, $4, $5, $6)
on conflict (credential_id) do nothing
returning id, name, created_at, last_used_at

-- name: rename
update passkey set name = $3 where id = $1 and person_id = $2 returning id, name, created_at, last_used_at

-- name: remove
delete from passkey where id = $1 and person_id = $2 returning id

-- name: remove_app
update person set totp_secret = null, totp_confirmed_at = null, totp_last_step = null
 where id = $1 and totp_confirmed_at is not null
returning id

-- name: kinds
select 'app' as kind from person where id = $1 and totp_confirmed_at is not null
union all
select 'passkey' where exists (select from passkey where person_id = $1)
union all
-- What the firm allows no longer is shown where there is nothing better: it still guards the door.
select x.kind
  from person p cross join firm f
 cross join lateral (values ('email', p.email_code_since, f.email_codes and p.password_alone),
                            ('sms', p.phone_since, f.sms_codes)) x(kind, since, allowed)
 where p.id = $1 and x.since is not null
   and (x.allowed and p.staff_role is distinct from 'administrator' or not second_factor_stands(p))

-- name: by_credential
select k.id, k.person_id, k.credential_id, k.public_key, k.counter, password_opens(p) as opens_alone
  from passkey k join person p on p.id = k.person_id
 where k.credential_id = $1 and now() >= p.valid_from and now() < p.valid_until

-- name: use
-- Of any number of tries with one count, the row's lock lets one through. Most passkeys do not count: theirs stays 0.
update passkey set counter = $2, last_used_at = now()
 where id = $1 and (counter < $2 or (counter = 0 and $2 = 0))
returning id

-- name: give_challenge
with ended as (delete from passkey_challenge where expires_at < now())
insert into passkey_challenge (hash, purpose, holder, expires_at)
values ($1, $2, $3, now() + make_interval(mins => $4))

-- name: take_challenge
with taken as (delete from passkey_challenge where hash = $1 and purpose = $2 and holder = $3 returning expires_at)
select from taken where expires_at > now()

-- name: app
select totp_confirmed_at as set_up_at from person where id = $1 and totp_confirmed_at is not null

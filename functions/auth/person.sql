-- name: by_email_key
select id, password_hash, password_alone, password_opens(person) as password_opens
  from person
 where email_key = $1 and now() >= valid_from and now() < valid_until

-- name: second_factor
select totp_secret, totp_confirmed_at is not null as confirmed from person where id = $1

-- name: offer_second_factor
update person set totp_secret = $2 where id = $1 and totp_confirmed_at is null returning id

-- name: confirm_second_factor
-- Only the secret that was offered to this session, and only once.
update person set totp_confirmed_at = now(), totp_last_step = $3
 where id = $1 and totp_secret = $2 and totp_confirmed_at is null
returning id

-- name: use_step
-- Of any number of tries with one code, the row's lock lets one through (RFC 6238 section 5.2).
update person set totp_last_step = $2
 where id = $1 and totp_confirmed_at is not null and coalesce(totp_last_step, -1) < $2
returning id

-- name: organisations
select o.id, o.name, m.administers
  from belonging m join organisation o on o.id = m.organisation_id
 where m.person_id = $1 and now() >= m.valid_from and now() < m.valid_until
 order by o.name, o.id

-- name: set_locale
update person set locale = $2 where id = $1 returning id

-- name: learn_length
update person set password_alone = true where id = $1 and password_hash = $2 returning id

-- name: begin
-- The days to set up a second factor count from the first sign-in. How the session begins, by what is owed now.
with begun as (
  update person set factor_days_from = now() where id = $1 and factor_days_from is null returning id
)
select still_owed(p, 2::smallint, true) as owes from person p where p.id = $1

-- name: join
update person set password_hash = $2, name = $3, locale = $4, password_alone = $5
 where id = $1 and joined_at is null and now() >= valid_from and now() < valid_until
returning id

-- name: create_administrator
insert into person (name, email, email_key, staff_role, locale, password_hash, password_alone)
values ($1, $2, $3, 'administrator', $4, $5, $6)
returning id

-- name: give
-- One at a time in each session.
insert into door_code (session_id, kind, purpose, hash, phone, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))
on conflict (session_id) do update
  set id = uuidv7(), kind = excluded.kind, purpose = excluded.purpose, hash = excluded.hash, phone = excluded.phone,
      tries = 0, expires_at = excluded.expires_at
returning id, expires_at

-- name: try
-- Counted before it is compared: fifty at once are fifty.
update door_code set tries = tries + 1
 where session_id = $1 and purpose = $2 and tries < $3 and expires_at > now()
returning id, kind, hash, phone

-- name: use
-- Of any number of tries with one code, the row's lock lets one through.
delete from door_code where id = $1 and expires_at > now() returning id

-- name: phone
select phone from person where id = $1 and phone is not null

-- name: tell
select job_add('notify', $1, '', $2, priority => -10) as id

-- name: set_email
update person set email_code_since = now() where id = $1 and email_code_since is null returning id

-- name: set_phone
update person set phone = $2, phone_since = now() where id = $1 returning id

-- name: remove_email
update person set email_code_since = null where id = $1 and email_code_since is not null returning id

-- name: remove_phone
update person set phone = null, phone_since = null where id = $1 and phone is not null returning id

-- name: state
select p.staff_role, p.password_alone, p.email_code_since, p.phone_since, p.phone, f.email_codes, f.sms_codes,
       second_factor_due(p) is not null as asked
  from person p cross join firm f where p.id = $1

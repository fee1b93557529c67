-- name: find
select id, hash from way_in
 where person_id = $1 and used_at is null and withdrawn_at is null and expires_at > now()
   and (not four_eyes or confirmed_by is not null)

-- name: use
-- Of any number of tries with one code, the row's lock lets one through.
update way_in set used_at = now(), hash = null
 where id = $1 and used_at is null and withdrawn_at is null and expires_at > now()
   and (not four_eyes or confirmed_by is not null)
returning made_by, confirmed_by

-- name: take_factors
-- All of them, and no days are left: whoever finds the lost telephone opens nothing with it, and the next one is due now.
with passkeys as (delete from passkey where person_id = $1),
     codes as (delete from recovery_code where person_id = $1)
update person
   set totp_secret = null, totp_confirmed_at = null, totp_last_step = null,
       email_code_since = null, phone = null, phone_since = null, factor_days_from = '-infinity'
 where id = $1

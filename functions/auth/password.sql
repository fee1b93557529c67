-- name: account
-- Codes by mail do not count: who reads the mailbox resets the password as well.
select p.email, p.name, p.password_hash, second_factor_would_stand(p, false, f.sms_codes) as second_factor, f.name as firm,
       password_opens(p) as password_opens
  from person p cross join firm f
 where p.id = $1 and now() >= p.valid_from and now() < p.valid_until

-- name: set
-- Only over the password that was looked at: of two changes at once, one. Nobody who has none gets one by this.
update person set password_hash = $2, password_alone = $4
 where id = $1 and password_hash = $3 and now() >= valid_from and now() < valid_until
returning id

-- name: end_sessions
-- All but $2, if any; and no browser counts as known any more but the one that asks ($3).
with forgotten as (
  delete from device where person_id = $1 and token_hash is distinct from $3)
delete from session where person_id = $1 and id is distinct from $2 returning id, factors

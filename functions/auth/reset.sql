-- name: account
-- Who has no password has nothing to be forgotten: their invitation is what lets them in.
select id from person
 where email_key = $1 and password_hash is not null and password_opens(person) and now() >= valid_from and now() < valid_until

-- name: set
-- From $3 to $2: of two changes at once, one. The database refuses an address that somebody else has.
update person set email = $2, email_key = $4
 where id = $1 and email_key = $3 and now() >= valid_from and now() < valid_until
returning id

-- name: present
select email from person where id = $1 and now() >= valid_from and now() < valid_until for no key update

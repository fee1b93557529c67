-- name: start
insert into session (token_hash, person_id, factors, expires_at, user_agent, place, identity_id, proved_at, alone)
values ($1, $2, $3, now() + make_interval(mins => $4), $5, $6, $7, coalesce($8, now()), $9)
returning id, expires_at

-- name: end_by_token
delete from session where token_hash = $1 returning id, person_id, factors, identity_id

-- name: end_one
delete from session where id = $1 and person_id = $2 returning id, person_id, factors

-- name: own
select id, created_at, last_used_at, expires_at, user_agent as device, place
  from session
 where person_id = $1 and factors = 2 and expires_at > now() and last_used_at > now() - interval '8 hours'
 order by last_used_at desc, id

-- name: end_others
delete from session where person_id = $1 and id <> $2 returning id, person_id, factors

-- name: prove
-- A new token: one that was seen before the proof is worth nothing after it.
update session set proved_at = now(), token_hash = $2 where id = $1 returning id, expires_at

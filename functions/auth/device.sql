-- name: known
select exists (select from device where token_hash = $1 and person_id = $2) as known

-- name: remember
-- strange: this person was in before, but never in this browser.
with seen as (
  insert into device (token_hash, person_id) values ($1, $2)
  on conflict (person_id, token_hash) do update set last_at = now()
  returning first_at = last_at as fresh
)
select seen.fresh and exists (
         select from audit a where a.actor_id = $2 and a.action = 'session.started') as strange
  from seen

-- name: any
select exists (select from device where token_hash = $1) as known

-- name: withdraw
update way_in set withdrawn_at = now(), hash = null
 where person_id = $1 and used_at is null and withdrawn_at is null
returning id, expires_at > now() as living

-- name: withdraw_made_by
update way_in set withdrawn_at = now(), hash = null
 where made_by = $1 and used_at is null and withdrawn_at is null
returning id, person_id

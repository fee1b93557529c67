-- name: recipient
-- Nobody is written to who has been deactivated since, nor at a placeholder's address: it is somebody else's.
select p.email, p.locale, coalesce(p.time_zone, f.time_zone) as time_zone, f.name as firm, f.imprint
  from person p cross join firm f
 where p.id = $1 and now() >= p.valid_from and now() < p.valid_until and p.placeholder_for is null

-- name: open_link
select expires_at from one_time_link where id = $1 and used_at is null and expires_at > now()

-- name: firm
select name as firm, time_zone, imprint from firm

-- name: open_share
-- A link that was revoked has ended too.
select valid_until as expires_at from link where id = $1 and valid_until > now()

-- name: open_code
select expires_at from door_code where id = $1 and expires_at > now()

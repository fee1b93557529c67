-- name: session_by_token
select s.id as session_id, s.factors, s.expires_at, p.id, p.name, p.email, p.staff_role, p.locale,
       coalesce(p.time_zone, f.time_zone) as time_zone, f.name as firm_name,
       p.totp_confirmed_at is not null as has_second_factor,
       s.last_used_at < now() - interval '1 minute' as stale
  from session s
  join person p on p.id = s.person_id
 cross join firm f
 where s.token_hash = $1
   and s.expires_at > now()
   and s.last_used_at > now() - interval '8 hours'
   and now() >= p.valid_from and now() < p.valid_until

-- name: touch_session
update session set last_used_at = now() where id = $1

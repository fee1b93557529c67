-- name: caller_by_key
-- Whoever the key stands for, as session_by_token gives them: the key takes the session's place.
select k.id as session_id, 2 as factors, k.expires_at, p.id, p.name, p.email, p.staff_role, p.locale,
       coalesce(p.time_zone, f.time_zone) as time_zone, f.name as firm_name,
       has_second_factor(p) as has_second_factor, false as alone, 'done' as owes, null as factor_due,
       k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as stale, false as proof_due,
       null as identity_id, null as seeing,
       case when p.staff_role is not null then standing_in(p.id, now()) else '[]' end as stands_in, k.scopes, k.project_id
  from api_key k
  join person p on p.id = k.person_id
 cross join firm f
 where k.token_hash = $1
   and k.revoked_at is null
   and k.expires_at > now()
   and now() >= p.valid_from and now() < p.valid_until
   -- Whose days to set up a second factor are over gets in by no key either, until one stands.
   and not (p.password_alone and not second_factor_stands(p) and coalesce(second_factor_due(p) <= now(), false))

-- name: touch_key
update api_key set last_used_at = now() where id = $1

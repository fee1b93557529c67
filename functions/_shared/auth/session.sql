-- name: session_by_token
select s.id as session_id, s.factors, s.expires_at, coalesce(x.id, p.id) as id, p.name, p.email,
       case when x.id is null then p.staff_role end as staff_role, p.locale,
       coalesce(p.time_zone, f.time_zone) as time_zone, f.name as firm_name,
       has_second_factor(p) as has_second_factor, s.alone,
       still_owed(p, s.factors, s.alone) as owes,
       case when s.alone and not second_factor_stands(p) then second_factor_due(p) end as factor_due,
       s.last_used_at < now() - interval '1 minute' as stale,
       s.proved_at < now() - interval '15 minutes' as proof_due, s.identity_id,
       case when x.id is not null then jsonb_build_object(
         'by', p.id, 'as', jsonb_build_object('id', y.id, 'name', y.name), 'until', to_jsonb(x.valid_until)) end as seeing,
       case when x.id is null and p.staff_role is not null then standing_in(p.id, now()) else '[]' end as stands_in
  from session s
  join person p on p.id = s.person_id
  left join seen_as x on x.session_id = s.id and now() >= x.valid_from and now() < x.valid_until
  left join person y on y.id = x.person_id
 cross join firm f
 where s.token_hash = $1
   and s.expires_at > now()
   and s.last_used_at > now() - interval '8 hours'
   and now() >= p.valid_from and now() < p.valid_until

-- name: touch_session
update session set last_used_at = now() where id = $1

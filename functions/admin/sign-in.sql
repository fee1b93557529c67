-- name: read
select second_factor_for, second_factor_days, email_codes, sms_codes, way_in_four_eyes,
       (select count(*)::int from person p where p.staff_role = 'administrator' and p.joined_at is not null
           and now() >= p.valid_from and now() < p.valid_until) as administrators
  from firm

-- name: change
-- Days count anew from a change of what is asked: nobody is shut out by it from one moment to the next.
update firm
   set second_factor_since = case when second_factor_for = $1 and second_factor_days = $2 then second_factor_since else now() end,
       second_factor_for = $1, second_factor_days = $2, email_codes = $3, sms_codes = $4, way_in_four_eyes = $5

-- name: affected
-- Who has no password is asked for nothing where the provider's word always is the second factor.
select p.id, p.name, p.staff_role, count(*) over ()::int as total
  from person p
 where p.joined_at is not null and now() >= p.valid_from and now() < p.valid_until
   and (p.password_hash is not null or exists (select from identity_provider i where i.enabled and i.factors <> 'always'))
   and not second_factor_would_stand(p, $2, $3)
   and ($1 = 'everybody' or ($1 = 'staff' and p.staff_role is not null)
        or p.staff_role = 'administrator' or not p.password_alone)
 order by p.name, p.id
 limit 50

-- name: open
select w.id, w.person_id, w.made_at, w.expires_at, w.four_eyes,
       jsonb_build_object('id', m.id, 'name', m.name) as made_by,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as confirmed_by
  from way_in w join person m on m.id = w.made_by left join person c on c.id = w.confirmed_by
 where w.person_id = $1 and w.used_at is null and w.withdrawn_at is null and w.expires_at > now()

-- name: four_eyes
select way_in_four_eyes as four_eyes from firm

-- name: make
insert into way_in (person_id, hash, made_by, four_eyes, expires_at)
values ($1, $2, $3, $4, now() + make_interval(mins => $5))
returning id, expires_at

-- name: confirm
update way_in set confirmed_by = $2, expires_at = now() + make_interval(mins => $3)
 where id = $1 and confirmed_by is null and used_at is null and withdrawn_at is null and expires_at > now()
returning id, expires_at

-- name: other_administrators
select p.id from person p
 where p.staff_role = 'administrator' and p.joined_at is not null and p.id <> all($1::uuid[])
   and now() >= p.valid_from and now() < p.valid_until

-- name: tell
select job_add('notify', $1, '', $2) as id

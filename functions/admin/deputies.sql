-- name: person
select p.id, p.name from person p where p.id = $1 and p.staff_role <> 'auditor'

-- name: hold
-- Of the firm and no auditor: whoever can be away, and whoever can stand in.
select p.id, p.name from person p
 where p.id = $1 and p.staff_role <> 'auditor' and p.capped_by is null
   and now() >= p.valid_from and now() < p.valid_until and p.joined_at is not null
   for no key update

-- name: list
-- What is or will be of one person, the next first.
select d.id, jsonb_build_object('id', a.id, 'name', a.name) as absent, jsonb_build_object('id', p.id, 'name', p.name) as deputy,
       d.valid_from, d.valid_until, jsonb_build_object('id', n.id, 'name', n.name) as named_by, d.valid_from <= now() as begun,
       coalesce(bool_and(x.staff_role <> 'auditor' and now() < x.valid_until), false) as works
  from deputy d
  join person a on a.id = d.absent_id
  join person p on p.id = d.deputy_id
  join person n on n.id = d.named_by
 cross join lateral (values (a.staff_role, a.valid_until), (p.staff_role, p.valid_until)) x(staff_role, valid_until)
 where $1 in (d.absent_id, d.deputy_id) and d.counts_until > now() and d.valid_from < d.counts_until
 group by d.id, a.id, p.id, n.id
 order by d.valid_from, d.valid_until, d.id

-- name: possible
select p.id, p.name from person p
 where p.id not in ($1, $2) and p.staff_role <> 'auditor' and now() >= p.valid_from and now() < p.valid_until and p.joined_at is not null
 order by p.name, p.id

-- name: overlaps
select d.id from deputy d
 where d.absent_id = $1 and d.deputy_id = $2 and d.valid_from < $4
   and d.counts_until > coalesce($3::timestamptz, now()) limit 1

-- name: write
insert into deputy (absent_id, deputy_id, valid_from, valid_until, named_by) values ($1, $2, coalesce($3, now()), $4, $5)
returning id, valid_from

-- name: administrators
select a.id from administrators_besides($1) a

-- name: tell
insert into deputy_told (deputyship_id, person_id) select $1, x from unnest($2::uuid[]) x

-- name: mail
select job_add('notify', $1, '', $2) as id

-- name: told
select d.id, jsonb_build_object('id', a.id, 'name', a.name) as absent, jsonb_build_object('id', p.id, 'name', p.name) as deputy,
       d.valid_from, d.valid_until, jsonb_build_object('id', n.id, 'name', n.name) as named_by, d.ended_at
  from deputies_told($1) t
  join deputy d on d.id = t.deputyship_id
  join person a on a.id = d.absent_id
  join person p on p.id = d.deputy_id
  join person n on n.id = d.named_by
 order by d.created_at desc, d.id desc
 limit 100

-- name: read
update deputy_told set read_at = now()
 where person_id = $1 and read_at is null and ($2::uuid[] is null or deputyship_id = any($2))

-- name: one
select d.id, d.absent_id, d.deputy_id from deputy d
 where d.id = $1 and d.counts_until > now() and d.valid_from < d.counts_until for update

-- name: end
update deputy set ended_at = now(), ended_by = $2 where id = $1

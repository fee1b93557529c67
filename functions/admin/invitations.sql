-- name: existing
select p.id, p.name, p.email, p.staff_role, p.joined_at is not null as joined,
       now() >= p.valid_from and now() < p.valid_until as active,
       p.id in (select d.id from directory_people($1, now()) d) as known,
       $3::uuid is not null and exists (
         select from membership m where m.person_id = p.id and m.organisation_id = $3
            and now() >= m.valid_from and now() < m.valid_until) as member
  from person p where p.email_key = $2
   for no key update of p

-- name: organisation
-- within_reach: the asker manages everything that is granted to this organisation, now or later.
select $2::uuid in (select d.id from directory_organisations($1, now()) d) as known,
       coalesce((select n.client_id = $2 from node n where n.id = $3), false) as of_project,
       not exists (
         select from (select distinct g.thing_id from access_grant g
                       where g.organisation_id = $2 and g.allows and g.valid_until > now()) given
          where (select a.level from access_levels(array[$1::uuid], array[given.thing_id], now()) a) is distinct from 4)
         as within_reach

-- name: create_person
-- Somebody may have been faster with the same address: then there is no row, and they are looked up again.
insert into person (name, email, email_key, staff_role, locale) values ($1, $2, $3, $4, $5)
on conflict (email_key) do nothing
returning id

-- name: add_membership
insert into membership (person_id, organisation_id, valid_from) values ($1, $2, now())

-- name: end_links
-- A new link takes the place of those before it.
update one_time_link set expires_at = now()
 where person_id = $1 and purpose = 'invitation' and used_at is null and expires_at > now()

-- name: create_link
insert into one_time_link (secret_hash, purpose, person_id, made_by, expires_at)
values ($1, 'invitation', $2, $3, now() + make_interval(days => $4))
returning id

-- name: tell
select job_add('notify', $1, $2, $3) as id

-- name: holdings
-- What somebody ($2) holds by themselves. Names of what the asker ($1) may know of. What an emergency opened is not handed over.
select (select count(*)::int from access_grant g where g.person_id = $2 and g.allows and g.valid_until > now()
           and g.id not in (select o.grant_id from emergencies($1) e cross join lateral emergency_open($1, e.id) o
                             where e.person_id = $2 and e.ended_at is null and e.valid_until > now())) as grants,
       (select count(*)::int from link l where l.made_by = $2 and l.secret_hash is not null and l.revoked_at is null
           and l.valid_until > now()) as links,
       (select count(*)::int from person p where p.capped_by = $2) as employees,
       (select count(*)::int from automation a where a.made_by = $2 and a.active and a.ended_at is null) as rules,
       coalesce(cardinality(guest_sponsored($2)), 0) as guest_projects,
       array(select g.name from membership m join groups g on g.id = m.group_id
              where m.person_id = $2 and m.valid_until > now() order by g.name) as groups,
       array(select o.name from assignment s join organisation o on o.id = s.client_id
               join directory_organisations($1, now()) d on d.id = o.id
              where s.person_id = $2 and s.valid_until > now() order by o.name) as clients

-- name: heirs
-- Who can take over: of the firm for one of the firm, else of the same organisation and nobody's sub-account.
select p.id, p.name from directory_people($1, now()) d join person p on p.id = d.id join person left_ on left_.id = $2
 where p.id not in ($1, $2) and now() >= p.valid_from and now() < p.valid_until and p.joined_at is not null
   and case when left_.staff_role is not null then p.staff_role in ('administrator', 'staff', 'assistant')
            else p.staff_role is null and p.capped_by is null and exists (
              select from membership a join membership b on b.organisation_id = a.organisation_id
               where a.person_id = $2 and b.person_id = p.id and b.valid_until > now() and b.valid_from <= now()
                 and a.valid_until > now())
       end
 order by p.name, p.id

-- name: sponsored
select guest_sponsored($1) as projects

-- name: emergencies
-- What somebody ($2) has opened in an emergency, for the asker ($1) to end it.
select o.id, o.person_id, o.project_id, o.document_id, o.grant_id
  from emergencies($1) e cross join lateral emergency_open($1, e.id) o
 where e.person_id = $2 and e.ended_at is null and e.valid_until > now()

-- name: take_grants
delete from access_grant where person_id = $1 and allows and valid_until > now()
returning id, thing_id, node_id, document_id, level, own_only, greatest(valid_from, now()) as valid_from, valid_until, note,
  project_of_thing(thing_id) as project_id

-- name: give_grant
-- Nothing where the heir has the same already; for own uploads only is less than the whole.
insert into access_grant (person_id, node_id, document_id, level, allows, valid_from, valid_until, note, given_by, own_only)
select $1, $2, $3, $4, true, $5, $6, $7, $8, $9::boolean
 where not exists (select from access_grant g where g.person_id = $1 and g.thing_id = coalesce($2::uuid, $3::uuid) and g.allows
                      and (not g.own_only or $9::boolean) and g.level >= $4 and g.valid_from <= $5 and g.valid_until >= $6)
returning id

-- name: move_links
update link set made_by = $2
 where made_by = $1 and secret_hash is not null and revoked_at is null and valid_until > now()
returning id, project_id

-- name: groups
select m.group_id as id, m.valid_until from membership m
 where m.person_id = $1 and m.group_id is not null and m.valid_until > now()

-- name: leave_group
update membership set valid_until = now()
 where person_id = $1 and group_id = $2 and valid_from < now() and valid_until > now()

-- name: drop_group
delete from membership where person_id = $1 and group_id = $2 and valid_from >= now()

-- name: join_group
insert into membership (person_id, group_id, valid_from, valid_until)
select $1, $2, now(), $3::timestamptz
 where not exists (select from membership m where m.person_id = $1 and m.group_id = $2
                      and m.valid_from <= now() and m.valid_until >= $3::timestamptz)
on conflict (person_id, container_id, valid_from) do update set valid_until = excluded.valid_until

-- name: clients
with ended as (
  update assignment set valid_until = now()
   where person_id = $1 and valid_from < now() and valid_until > now()
  returning client_id, (select a.valid_until from assignment a where a.client_id = assignment.client_id
                           and a.person_id = $1 and a.valid_from = assignment.valid_from) as until
)
select client_id as id, until from ended

-- name: assign
insert into assignment (person_id, client_id, valid_from, valid_until) values ($1, $2, now(), $3::timestamptz)
on conflict (client_id, principal_id, valid_from) do nothing

-- name: move_guests
update project_guest set sponsor_id = $2 where sponsor_id = $1 and ended_at is null
returning person_id as id, project_id

-- name: move_employees
update person set capped_by = $2 where capped_by = $1 returning id

-- name: move_shares
with moved as (
  update access_grant set given_by = $2 where given_by = $1 and person_id = any($3::uuid[]) returning person_id
)
select e.id, (select count(*)::int from moved m where m.person_id = e.id) as grants from unnest($3::uuid[]) e (id)

-- name: administer
update membership m set administers = true
 where m.person_id = $2 and not m.administers and m.valid_until > now() and m.valid_from <= now() and exists (
   select from membership a where a.person_id = $1 and a.organisation_id = m.organisation_id and a.administers
      and a.valid_until > now())
returning m.organisation_id as id

-- name: standing
-- What the asker ($1) is to the organisation ($2); no row: nobody knows of it.
select o.id, o.name, o.created_at, p.staff_role as role,
       o.id in (select d.id from directory_organisations($1, now()) d) as known,
       exists (select from membership m where m.person_id = $1 and m.organisation_id = o.id and m.administers
                  and now() >= m.valid_from and now() < m.valid_until) and p.capped_by is null as administers,
       coalesce((select n.walls from node n where n.kind = 'firm'), false) as walls
  from organisation o join person p on p.id = $1
 where o.id = $2

-- name: members
-- Members now or later, and sub-accounts. What a sub-account was given is told to whoever gave it ($1).
select p.id, p.name, p.email, b.administers,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as capped_by,
       now() >= p.valid_from and now() < p.valid_until as active, p.joined_at is not null as joined,
       (select jsonb_build_object('id', x.id, 'name', x.name) from person x
         where x.email_key = p.placeholder_for and x.id in (select d.id from directory_people($1, now()) d)) as placeholder_for,
       case when b.valid_from > now() then b.valid_from end as valid_from,
       nullif(b.valid_until, 'infinity') as valid_until,
       coalesce((select jsonb_agg(jsonb_build_object('id', g.node_id, 'level', g.level) order by g.node_id)
                   from access_grant g join node n on n.id = g.node_id and n.kind = 'project'
                  where p.capped_by = $1 and g.person_id = p.id and g.given_by = $1 and g.allows
                    and g.valid_until > now()), '[]') as projects
  from belonging b join person p on p.id = b.person_id left join person c on c.id = p.capped_by
 where b.organisation_id = $2 and b.valid_until > now()
 order by b.administers desc, c.name nulls first, p.name, p.id

-- name: projects
-- The organisation's projects that the asker sees; for the client also those of others where they take part.
select n.id, n.name, a.level
  from access_levels(array[$1::uuid],
         array(select n.id from node n where n.kind = 'project'
                  and (n.client_id = $2 or ($3 and n.id = any(access_reach($1, now()))))), now()) a
  join node n on n.id = a.thing_id
 where a.level > 0
 order by n.name, n.id

-- name: team
select s.principal_id as id, case when s.person_id is not null then 'person' else 'group' end as kind,
       coalesce(p.name, g.name) as name,
       case when s.valid_from > now() then s.valid_from end as valid_from, nullif(s.valid_until, 'infinity') as valid_until
  from assignment s left join person p on p.id = s.person_id left join groups g on g.id = s.group_id
 where s.client_id = $1 and s.valid_until > now()
 order by coalesce(p.name, g.name), s.principal_id

-- name: exclusions
select jsonb_build_object('id', p.id, 'name', p.name) as person, e.reason, e.created_at
  from exclusion e join person p on p.id = e.person_id
 where e.client_id = $1
 order by p.name, p.id

-- name: rename
update organisation set name = $2 where id = $1 and name <> $2

-- name: lock_member
-- The membership that is or comes next, locked.
select m.person_id as id, m.administers, m.valid_from <= now() as begun, p.capped_by is not null as capped
  from membership m join person p on p.id = m.person_id
 where m.organisation_id = $1 and m.person_id = $2 and m.valid_until > now()
 order by m.valid_from limit 1 for update of m

-- name: set_member
update membership m
   set administers = coalesce($3, m.administers),
       valid_until = case when not $4 then m.valid_until
                          when $5::timestamptz is null then 'infinity'
                          else greatest($5, now()) end
 where m.organisation_id = $1 and m.person_id = $2 and m.valid_until > now() and m.valid_from < now()

-- name: drop_member
-- Only what has not begun: of what was, the history stays.
delete from membership m where m.organisation_id = $1 and m.person_id = $2 and m.valid_from >= now()

-- name: add_team
-- Staff, or a living group. No row: there is nobody like that.
insert into assignment (person_id, group_id, client_id, valid_from, valid_until)
select p.id, g.id, $1, coalesce($4::timestamptz, '-infinity'), coalesce($5::timestamptz, 'infinity')
  from (select) x
  left join person p on $2 = 'person' and p.id = $3 and p.staff_role is not null
  left join groups g on $2 = 'group' and g.id = $3 and g.ended_at is null
 where num_nonnulls(p.id, g.id) = 1
on conflict (client_id, principal_id, valid_from) do update set valid_until = excluded.valid_until
returning principal_id as id

-- name: end_team
-- What was is kept; what has not begun was nothing.
with ended as (
  update assignment set valid_until = now()
   where client_id = $1 and principal_id = $2 and valid_from < now() and valid_until > now() returning principal_id
), never as (
  delete from assignment where client_id = $1 and principal_id = $2 and valid_from >= now() returning principal_id
)
select principal_id as id from ended union all select principal_id from never

-- name: exclude
insert into exclusion (person_id, client_id, reason)
select p.id, $1, $3 from person p where p.id = $2
on conflict (person_id, client_id) do update set reason = excluded.reason
returning person_id as id

-- name: lift
delete from exclusion where client_id = $1 and person_id = $2

-- name: list
-- $4: part of a name; null for all. $5: the only one that is asked for; null: all.
select g.id, g.name, g.created_at,
       (select count(distinct m.person_id)::int from membership m
         where m.container_id = any(array[g.id] || array(select n.inner_id from group_nesting n where n.outer_id = g.id))
           and now() >= m.valid_from and now() < m.valid_until) as people
  from groups g
 where g.ended_at is null and (g.name, g.id) > ($1, $2)
   and ($4::text is null or strpos(lower(g.name), lower($4)) > 0)
   and ($5::uuid is null or g.id = $5::uuid)
 order by g.name, g.id
 limit $3

-- name: facts
-- within_reach: the asker ($1) manages everything granted or denied to the group ($2) or to one around it, and none of these
-- works for a client behind walls; lets_self_in: of these people ($3), or those of this inner group ($3), is one the asker;
-- lets_self_out: something is denied, and the asker is the one who leaves ($4), or in the group that leaves or ends ($4).
select g.id, g.name, g.created_at, p.staff_role as role,
       not exists (
         select from (select distinct x.thing_id from access_grant x
                       where x.principal_id = any(around.ids) and x.valid_until > now()) given
          where (select a.level from access_levels(array[$1::uuid], array[given.thing_id], now()) a) is distinct from 4)
       and not exists (select from assignment s where s.principal_id = any(around.ids) and s.valid_until > now())
         as within_reach,
       coalesce($3::uuid = $1 or exists (select from membership m where m.group_id = $3 and m.person_id = $1
                                            and m.valid_until > now()), false) as lets_self_in,
       exists (select from access_grant x
                where x.principal_id = any(around.ids) and not x.allows and x.valid_until > now())
       and coalesce($4::uuid = $1 or exists (
             select from membership m
              where m.person_id = $1 and m.valid_until > now()
                and (m.group_id = $4 or m.group_id in (select n.inner_id from group_nesting n where n.outer_id = $4))), false)
         as lets_self_out
  from groups g join person p on p.id = $1
 cross join lateral (
   select array[g.id] || array(select n.outer_id from group_nesting n where n.inner_id = g.id) as ids) around
 where g.id = $2 and g.ended_at is null

-- name: lock
select id from groups where id = $1 and ended_at is null for no key update

-- name: members
with known as materialized (select d.id from directory_people($1, now()) d),
clients as materialized (select d.id from directory_organisations($1, now()) d)
select p.id, 'person' as kind, p.name, p.staff_role is not null as staff,
       now() >= p.valid_from and now() < p.valid_until as active,
       case when m.valid_from > now() then m.valid_from end as valid_from, nullif(m.valid_until, 'infinity') as valid_until,
       array(select o.name from belonging b join organisation o on o.id = b.organisation_id
              where b.person_id = p.id and now() >= b.valid_from and now() < b.valid_until
                and o.id in (select clients.id from clients) order by o.name) as organisations
  from membership m join person p on p.id = m.person_id
 where m.group_id = $2 and m.valid_until > now() and p.id in (select known.id from known)
union all
select g.id, 'group', g.name, true, true, null, null, '{}'
  from group_nesting n join groups g on g.id = n.inner_id
 where n.outer_id = $2
 order by kind, name, id

-- name: hidden
select count(*)::int as n from membership m
 where m.group_id = $2 and m.valid_until > now() and m.person_id not in (select d.id from directory_people($1, now()) d)

-- name: within
select g.id, g.name from group_nesting n join groups g on g.id = n.outer_id where n.inner_id = $1 order by g.name, g.id

-- name: things
select a.thing_id as id, coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name) as name
  from access_levels(array[$1::uuid],
         array(select x.thing_id from access_grant x where x.group_id = $2 and x.valid_until > now()), now()) a
  left join node n on n.id = a.thing_id
  left join document d on d.id = a.thing_id
 where a.level > 0 and coalesce(n.name, d.name) is not null
 order by 3, 1

-- name: create
insert into groups (name) values ($1) returning id

-- name: rename
update groups set name = $2 where id = $1 and name <> $2

-- name: known_person
select d.id from directory_people($1, now()) d where d.id = $2

-- name: add_person
insert into membership (person_id, group_id, valid_from, valid_until)
values ($2, $1, coalesce($3::timestamptz, now()), coalesce($4::timestamptz, 'infinity'))
on conflict (person_id, container_id, valid_from) do update set valid_until = excluded.valid_until

-- name: end_person
-- What was is kept; what has not begun was nothing.
update membership set valid_until = now()
 where group_id = $1 and person_id = $2 and valid_from < now() and valid_until > now()

-- name: drop_person
delete from membership where group_id = $1 and person_id = $2 and valid_from >= now()

-- name: nest
insert into group_nesting (outer_id, inner_id)
select $1, g.id from groups g where g.id = $2 and g.ended_at is null
on conflict do nothing
returning inner_id as id

-- name: unnest
delete from group_nesting where outer_id = $1 and inner_id = $2

-- name: end_members
update membership set valid_until = now() where group_id = $1 and valid_from < now() and valid_until > now()

-- name: drop_members
delete from membership where group_id = $1 and valid_from >= now()

-- name: end_nesting
delete from group_nesting where outer_id = $1 or inner_id = $1

-- name: end_assignments
update assignment set valid_until = now() where group_id = $1 and valid_from < now() and valid_until > now()

-- name: take_grants
-- What was granted to it goes with it.
with taken as (delete from access_grant where group_id = $1 returning id, thing_id, node_id, level)
select t.id, t.thing_id, coalesce(n.project_id, case when n.kind = 'project' then n.id end) as project_id, t.level
  from taken t left join node n on n.id = t.node_id

-- name: end
update groups set ended_at = now() where id = $1

-- name: loss
-- Names of folders and projects that the asker ($3) sees; of anything else that there is something.
select a.who, p.name as who_name, a.thing_id, a.before, a.after,
       coalesce(n.kind, 'document') as kind, case when seen.level > 0 then n.name else '' end as thing_name
  from group_removal_preview($1, $2, now()) a
  join person p on p.id = a.who
  left join node n on n.id = a.thing_id
  left join lateral access_levels(array[$3::uuid], array[a.thing_id], now()) seen on n.id is not null
 order by p.name, a.who, a.thing_id

-- name: held
-- What whoever would come in ($2: a person or a group) holds at $4 of what this group ($1) or one around it was given. Names
-- as above.
with name as (
  select $1::uuid as id union select n.outer_id from group_nesting n where n.inner_id = $1),
newcomer as (
  select p.id from person p where p.id = $2
  union
  select m.person_id from membership m
   where m.group_id in (select $2::uuid union select n.inner_id from group_nesting n where n.outer_id = $2)
     and m.valid_until > $4),
who as (
  select newcomer.id from newcomer
  union select p.id from person p where p.capped_by in (select newcomer.id from newcomer)
  union select d.deputy_id from deputy d where d.absent_id in (select newcomer.id from newcomer)
  limit 500),
thing as (
  select x.thing_id as id from access_grant x join name on name.id = x.group_id
   where $4 >= x.valid_from and $4 < x.valid_until
  union
  select n.id from assignment s join name on name.id = s.group_id join node n on n.client_id = s.client_id and n.kind = 'project'
   where $4 >= s.valid_from and $4 < s.valid_until
  limit 500)
select a.who, p.name as who_name, a.thing_id, a.level, coalesce(n.kind, 'document') as kind,
       case when seen.level > 0 then n.name else '' end as thing_name
  from access_levels(array(select who.id from who), array(select thing.id from thing), $4) a
  join person p on p.id = a.who
  left join node n on n.id = a.thing_id
  left join lateral access_levels(array[$3::uuid], array[a.thing_id], now()) seen on n.id is not null
 order by p.name, a.who, a.thing_id

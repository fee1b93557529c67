-- name: decide_document
select 'document' as kind, project_id, folder_id as parent_id, level, unlocked, false as own_only
  from access_of_document($1, $2, now())

-- name: decide_node
select kind, project_id, parent_id, level, unlocked, level > 0 and others = 0 as own_only
  from access_of_node($1, $2, now())

-- name: decide
select 'document' as kind, project_id, folder_id as parent_id, level, unlocked, false as own_only
  from access_of_document($1, $2, now())
union all
select kind, project_id, parent_id, level, unlocked, level > 0 and others = 0 as own_only
  from access_of_node($1, $2, now())

-- name: trashed
-- The trash's lock is one that nobody set.
select exists (select from access_path($1) p join access_lock l on l.thing_id = any(p.path)
                where l.made_by is null and l.hides and now() >= l.valid_from and now() < l.valid_until) as trashed

-- name: people
-- $3, $4, $5, $6: after this one, in the order below; $7: so many, null for all; $8: part of a name.
-- Who sees own uploads only is told of who sees these too, not of who else hands something in.
with reader as materialized (
  select coalesce(a.others = 0, false) as own_only from access_levels(array[$1::uuid], array[$2::uuid], now()) a
),
everybody as materialized (
  select w.who, w.level, p.name, p.staff_role is null as client
    from access_who($2, now()) w join person p on p.id = w.who
   where w.level > 0 and (w.others > 0 or w.who = $1 or not (select reader.own_only from reader))
     and ($8::text is null or strpos(lower(p.name), lower($8)) > 0)
),
seen as materialized (
  select e.* from everybody e
   where $3::boolean is null or (e.client, -e.level, e.name, e.who) > ($3, $4::int, $5::text collate name_order, $6::uuid)
   order by e.client, -e.level, e.name, e.who limit $7
),
reason as materialized (
  select r.who, case when r.in_place then r.self_id end as absent_id, g.*
    from access_reason(array(select who from seen), $2, now()) r join access_grant g on g.id = r.grant_id
),
place as materialized (
  select n.id, n.kind, n.name from node n where n.id in (select node_id from reason)
  union all
  select d.id, 'document', d.name from document d where d.id in (select document_id from reason)
),
shown as materialized (
  select p.* from place p
   where p.kind = 'firm'
      or p.id in (select a.thing_id from access_levels(array[$1::uuid], array(select id from place), now()) a
                   where a.level > 0 or a.unlocked = 4)
)
select p.id, p.name, not seen.client as staff, (select count(*)::int from everybody) as total,
       (array['view', 'download', 'contribute', 'manage'])[seen.level] as level,
       case when r.allows then 'allow' else 'deny' end as step, r.level as grant_level,
       coalesce(r.own_only, false) as own_only,
       r.principal_id as through_id,
       case when r.person_id is not null then 'person' when r.group_id is not null then 'group'
            when r.organisation_id is not null then 'organisation' end as through_kind,
       coalesce(tp.name, tg.name, t_o.name) as through_name,
       s.id as on_id, s.kind as on_kind, s.name as on_name,
       nullif(r.valid_until, 'infinity') as until,
       case when r.absent_id is not null then jsonb_build_object('id', r.absent_id, 'name', ab.name, 'until', (
         select to_jsonb(max(d.counts_until)) from deputy d
          where d.absent_id = r.absent_id and d.deputy_id = r.who and d.valid_from <= now())) end as in_place_of
  from seen
  join person p on p.id = seen.who
  left join reason r on r.who = seen.who
  left join shown s on s.id = r.thing_id
  left join person tp on tp.id = r.person_id
  left join person ab on ab.id = r.absent_id
  left join groups tg on tg.id = r.group_id
  left join organisation t_o on t_o.id = r.organisation_id
 order by seen.client, -seen.level, seen.name, seen.who

-- name: audience
-- A folder without a say of its own has the audience of its scope: ask once for each of these.
with scope as materialized (
  select distinct scope_id as id from node where id = any($2::uuid[])
),
waits as (
  select access_sees_waiting($1)
     and exists (select from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = any($2::uuid[])) as waits
),
seen as (
  select distinct w.who from scope cross join lateral access_who(scope.id, now()) w where w.others > 0 and w.who <> $1
)
select p.name, p.staff_role is not null as staff
  from seen join person p on p.id = seen.who
 -- Where a second one of the firm releases first, only the firm sees what one of it brings.
 where p.staff_role is not null or not (select waits.waits from waits)
 order by p.staff_role is null, p.name, p.id

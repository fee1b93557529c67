-- name: level
select (array['none', 'view', 'download', 'contribute', 'manage'])[a.level + 1] as level,
       (array['none', 'view', 'download', 'contribute', 'manage'])[a.unlocked + 1] as unlocked
  from access_levels(array[$1::uuid], array[$2::uuid], $3::timestamptz) a

-- name: asker
-- Who is asked about: a person whom $1 may know of, or a link that shares something of this project.
select jsonb_build_object('id', p.id, 'name', p.name) as who, 'person' as kind
  from person p
 where p.id = $2 and exists (select from directory_people($1, now()) d where d.id = p.id)
union all
select jsonb_build_object('id', l.id, 'name', l.recipient), 'link' from link l where l.id = $2 and l.project_id = $3

-- name: explain
-- The chain as access_explain tells it. What lies above and the caller ($4) does not see has no name, nor has a person or
-- group of whom nothing is granted where they can see it.
with x as materialized (
  select e.*, row_number() over () as no from access_explain($1, $2, $3::timestamptz) e where e.step <> 'self'
),
path as materialized (
  select n.path from node n where n.id = $2
  union all
  select n.path || d.id from document d join node n on n.id = d.folder_id where d.id = $2
),
place as materialized (
  select s.id, s.place, coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name) as name
    from path cross join lateral unnest(path.path) with ordinality s(id, place)
    left join node n on n.id = s.id left join document d on d.id = s.id
),
shown as materialized (
  select p.* from place p
    join access_levels(array[$4::uuid], array(select place.id from place), now()) a on a.thing_id = p.id
   where a.level > 0 or a.unlocked = 4 or p.kind = 'firm'
)
select x.step, x.level, x.held,
       case when s.id is not null then jsonb_build_object('id', s.id, 'kind', s.kind, 'name', s.name) end as "on",
       case when g.id is not null and s.id is not null then jsonb_build_object(
         'id', g.principal_id, 'name', coalesce(tp.name, tg.name, t_o.name, tl.recipient),
         'kind', case when g.person_id is not null then 'person' when g.group_id is not null then 'group'
                      when g.organisation_id is not null then 'organisation' else 'link' end) end as through,
       coalesce(g.own_only, false) as own_only,
       case when g.id is null and sp.id is not null then jsonb_build_object('id', sp.id, 'name', sp.name) end as person,
       nullif(g.valid_from, '-infinity') as valid_from,
       nullif(coalesce(g.valid_until, k.valid_until, s_i.until), 'infinity') as valid_until
  from x
  left join access_grant g on g.id = x.source
  left join access_lock k on k.id = x.source
  left join person sp on sp.id = x.source
  left join shown s on s.place = x.place
  left join lateral (
    select max(d.counts_until) as until from deputy d
     where x.step = 'in place of' and d.absent_id = x.source and $3 >= d.valid_from and $3 < d.counts_until
       and (d.deputy_id = $1 or d.deputy_id = (select l.made_by from link l where l.id = $1))) s_i on true
  left join person tp on tp.id = g.person_id
  left join groups tg on tg.id = g.group_id
  left join organisation t_o on t_o.id = g.organisation_id
  left join link tl on tl.id = g.link_id
 order by x.no

-- name: changes
select moment as at, (array['none', 'view', 'download', 'contribute', 'manage'])[level + 1] as level
  from access_changes($1, $2, $3::timestamptz, $4)

-- name: visible
-- $2, $3: the place after which to go on; newest arrival first. What lies in a closed place counts only for those who see it.
-- $5, $6: the projects in reach and the levels on them, as `reach` gave them.
-- $7: words, each a part of the project's or its client's name, as lists of people have them; null for all.
-- $8: the level from which on. $9: the only one that is asked for; null: all.
with mine as materialized (
  select a.id, a.level from unnest($5::uuid[], $6::int[]) a(id, level)
   where a.level >= $8 and ($9::uuid is null or a.id = $9::uuid)
     and ($7::text is null
          or exists (select from node p left join organisation o on o.id = p.client_id
                      where p.id = a.id
                        and not exists (select from regexp_split_to_table(lower($7), '\s+') word
                                         where strpos(lower(concat_ws(' ', p.name, o.name)), word) = 0)))
),
newest as materialized (
  select mine.id, v.received_at, v.document_id,
         d.own_scope or d.waits or f.scope_id <> p.scope_id or access_apart(f.id) as apart
    from mine
    join node p on p.id = mine.id
   cross join lateral (
     select v.received_at, v.document_id from version v
      where v.project_id = mine.id order by v.received_at desc limit 1) v
    join document d on d.id = v.document_id
    join node f on f.id = d.folder_id
),
told as (
  select n.id, n.received_at from newest n join mine on mine.id = n.id
   where mine.level > 0 and not n.apart
  union all
  select n.id, n.received_at
    from access_levels(array[$1::uuid],
           array(select x.document_id from newest x join mine on mine.id = x.id where x.apart or mine.level = 0), now()) a
    join newest n on n.document_id = a.thing_id
   where a.level > 0
),
shown as (
  select p.id, p.name, p.created_at, t.received_at as last_received_at,
         date_trunc('milliseconds', coalesce(t.received_at, p.created_at)) as place,
         (array['view', 'download', 'contribute', 'manage'])[nullif(mine.level, 0)] as level,
         case when o.id is not null then jsonb_build_object('id', o.id, 'name', o.name) end as client
    from mine
    join node p on p.id = mine.id
    left join organisation o on o.id = p.client_id
    left join told t on t.id = p.id
)
select * from shown
 where $2::timestamptz is null or (shown.place, shown.id) < ($2::timestamptz, $3::uuid)
 order by shown.place desc, shown.id desc
 limit $4

-- name: reach
select coalesce(array_agg(project_id), '{}') as ids, coalesce(array_agg(level::int), '{}') as levels
  from access_projects($1, now())

-- name: one
select p.id, p.name, p.created_at,
       case when o.id is not null then jsonb_build_object('id', o.id, 'name', o.name) end as client
  from node p left join organisation o on o.id = p.client_id
 where p.id = $1 and p.kind = 'project'

-- name: tree
-- What is for own uploads only: where the asker sees nothing of others.
with tree as materialized (select * from access_tree($1, $2, now())),
others as materialized (
  select a.thing_id from access_levels(array[$1::uuid], array(
           select tree.node_id from tree join node n on n.id = tree.node_id
            where exists (select from access_grant g where g.own_only and g.thing_id = any(n.path))), now()) a
   where a.others = 0
)
select tree.node_id as id, tree.parent_id, tree.kind, tree.name, (array['view', 'download', 'contribute', 'manage'])[tree.level] as level,
       tree.node_id in (select others.thing_id from others) as own_only, 
       case when exists (select from access_lock l where l.thing_id = any(n.path) and l.made_by is not null and l.valid_until > now())
         then lock_shown(tree.node_id) end as lock,
       n.four_eyes and access_sees_waiting($1) as four_eyes
  from tree join node n on n.id = tree.node_id
 order by tree.name, tree.node_id

-- name: organisation
-- Clients that the asker may not know of (walls, exclusions) are as if they were not there.
select 1 as one from directory_organisations($2, now()) o where o.id = $1

-- name: add_project
insert into node (kind, parent_id, client_id, name)
select 'project', f.node_id, $1, $2 from firm f
returning id

-- name: add_grant
insert into access_grant (person_id, organisation_id, node_id, level, given_by)
values ($1, $2, $3, $4, $5)
returning id

-- name: lock_tree
select pg_advisory_xact_lock(hashtextextended('tree ' || $1::uuid, 0))

-- name: subfolders
-- By these names below these parents; the level tells whether one may be filled by the asker.
select n.id, n.parent_id, n.name, a.level
  from node n
  join access_levels(array[$1::uuid],
         array(select x.id from node x where x.parent_id = any($2::uuid[]) and x.name = any($3::text[])), now()) a
    on a.thing_id = n.id

-- name: add_folder
insert into node (kind, parent_id, name) values ('folder', $1, $2) returning id

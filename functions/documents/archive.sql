-- name: in_folder
-- A page of what lies below a folder, by name, after ($5, $6). The rule answers for each document; what the asker does not
-- see has the level 'none'. Of the folders between only visible ones are named.
with tree as materialized (
  select t.node_id, t.name from access_tree($1, $2, now()) t
),
below as materialized (
  select d.id, d.name, d.current_version_id, n.path
    from document d join node n on n.id = d.folder_id
   where d.project_id = $2 and n.path @> array[$3::uuid] and ($6::uuid is null or (d.name, d.id) > ($5, $6))
   order by d.name, d.id limit $4
),
seen as materialized (
  select a.thing_id, a.level from access_levels(array[$1::uuid], array(select below.id from below), now()) a where a.level > 0
)
select b.id as document_id, v.id as version_id, b.name, v.state, v.size, encode(v.sha256, 'hex') as sha256, v.received_at,
       v.object_key, v.object_version_id,
       coalesce((array['view', 'download', 'contribute', 'manage'])[seen.level], 'none') as level,
       array(select tree.name from unnest(b.path) with ordinality p(id, place) join tree on tree.node_id = p.id
              where p.place > array_position(b.path, $3::uuid) order by p.place) as folders
  from below b left join seen on seen.thing_id = b.id join version v on v.id = b.current_version_id
 order by b.name, b.id

-- name: named
select d.id as document_id, v.id as version_id, d.name, v.state, v.size, encode(v.sha256, 'hex') as sha256, v.received_at,
       v.object_key, v.object_version_id,
       (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       '{}'::text[] as folders
  from access_levels(array[$1::uuid], $3::uuid[], now()) a
  join document d on d.id = a.thing_id and d.project_id = $2
  join version v on v.id = d.current_version_id
 where a.level > 0
 order by d.name, d.id

-- name: title
select name from node where id = $1

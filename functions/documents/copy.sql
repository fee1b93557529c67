-- name: begin
-- $3: the folder it goes to; its project is told by that.
insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size, copies)
select $1, n.project_id, n.id, uuidv7(), uuidv7(), $4, v.size, coalesce(v.detected_type, v.declared_type), $5, v.id
  from version v, node n where v.id = $2 and n.id = $3
returning document_id, version_id

-- name: clients
-- Whether two projects are of one client, or both of none.
select a.client_id is not distinct from b.client_id as same from node a, node b where a.id = $1 and b.id = $2

-- name: folders
-- A folder and the visible ones in it, outer ones first. `within`: the nearest visible one that each lies in.
with tree as materialized (select t.node_id, t.parent_id, t.name from access_tree($1, $2, now()) t)
select tree.node_id as id, tree.name,
       (select up.node_id from unnest(n.path) with ordinality p(id, place) join tree up on up.node_id = p.id
         where p.id <> n.id order by p.place desc limit 1) as within
  from tree join node n on n.id = tree.node_id
 where n.path @> array[$3::uuid]
 order by cardinality(n.path), n.name, n.id

-- name: in_folder
-- A page of the documents below a folder, by name, after ($5, $6), with the nearest visible folder that each lies in. What
-- the asker does not see has the level 'none'.
with tree as materialized (select t.node_id from access_tree($1, $2, now()) t),
below as materialized (
  select d.id, d.name, v.size, n.path
    from document d join node n on n.id = d.folder_id join version v on v.id = d.current_version_id
   where d.project_id = $2 and n.path @> array[$3::uuid] and ($6::uuid is null or (d.name, d.id) > ($5, $6))
   order by d.name, d.id limit $4
)
select b.id, b.name, b.size,
       coalesce((array['view', 'download', 'contribute', 'manage'])[a.level], 'none') as level,
       (select p.id from unnest(b.path) with ordinality p(id, place) join tree on tree.node_id = p.id order by p.place desc limit 1) as within
  from below b
  left join access_levels(array[$1::uuid], array(select below.id from below), now()) a on a.thing_id = b.id and a.level > 0
 order by b.name, b.id

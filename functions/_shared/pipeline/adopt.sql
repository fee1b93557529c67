-- name: project
select id, coalesce(client_id, id)::text as fairness_key from node where id = $1 and kind = 'project'

-- name: adopted
select from version where id = $1

-- name: sender
select person_id, scopes, project_id, expires_at, revoked_at from api_key where id = $1

-- name: may_add
-- 3: contribute, at the innermost folder of the path that is there; what is missing below it would be made there.
with recursive found as (
  select $2::uuid as id, 0 as depth
  union all
  select n.id, f.depth + 1
    from found f
    join lateral (select n.id from node n where n.parent_id = f.id and n.kind = 'folder' and n.name = ($3::text[])[f.depth + 1]
                   order by n.id limit 1) n on true
)
select level >= 3 as may
  from access_levels(array[$1::uuid], array[(select id from found order by depth desc limit 1)], now())

-- name: document
insert into document (id, folder_id, project_id, name, created_by, current_version_id)
values ($1, $2, $3, $4, $6, $5)

-- name: version
insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, created_by,
                     drop_key, drop_object_version_id)
values ($1, $2, $3, 1, $4, $5, $6, $7, $10, $8, $9)

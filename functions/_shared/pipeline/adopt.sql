-- name: project
select id, coalesce(client_id, id)::text as fairness_key from node where id = $1 and kind = 'project'

-- name: adopted
select from version where id = $1

-- name: document
insert into document (id, folder_id, project_id, name, created_by, current_version_id)
values ($1, $2, $3, $4, null, $5)

-- name: version
insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, created_by,
                     drop_key, drop_object_version_id)
values ($1, $2, $3, 1, $4, $5, $6, $7, null, $8, $9)

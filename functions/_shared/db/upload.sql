-- name: projects
select upload_projects($1, $2::uuid[]) as ids

-- name: add
-- In the order given. The ids of document and version are given beforehand: the key is made of them.
with given as (
  select * from unnest($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[], $9::int[],
                       $10::uuid[])
    with ordinality x(folder_id, name, size, declared_type, head_sha256, last_modified, part_size, of_document_id,
                      place)
),
made as (
  insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, head_sha256,
                      last_modified, part_size, of_document_id)
  select $1, $2, folder_id, uuidv7(), uuidv7(), name, size, declared_type, decode(head_sha256, 'hex'), last_modified,
         part_size, of_document_id
    from given order by place
  returning *
)
select m.id, m.document_id, m.version_id, m.of_document_id, m.folder_id, m.project_id, m.name, m.size, m.part_size,
       m.declared_type, encode(m.head_sha256, 'hex') as head_sha256, m.created_at, m.store_upload_id, m.state
  from made m order by m.id

-- name: mine
-- The portal's own copies are nobody's to write to.
select id, document_id, version_id, of_document_id, folder_id, project_id, name, size, part_size, declared_type,
       encode(head_sha256, 'hex') as head_sha256, created_at, store_upload_id, state
  from upload
 where id = any($2::uuid[]) and person_id = $1 and restores is null and copies is null
 order by id

-- name: open_in_project
select id, document_id, version_id, of_document_id, folder_id, project_id, name, size, part_size, declared_type,
       encode(head_sha256, 'hex') as head_sha256, created_at, store_upload_id, state
  from upload
 where person_id = $1 and project_id = $2 and state = 'open' and restores is null and copies is null
   and ($3::uuid is null or folder_id = $3)
 order by id
 limit 1000

-- name: landed
select id as version_id, document_id, no, received_at from version where id = any($1::uuid[])

-- name: begun
-- The first one to begin it in the store wins.
update upload set store_upload_id = $2, touched_at = now()
 where id = $1 and store_upload_id is null and state = 'open'
returning store_upload_id

-- name: touch
update upload set touched_at = now() where id = any($1::uuid[]) and touched_at < now() - interval '1 minute'

-- name: abort
update upload set state = 'aborted', touched_at = now() where id = $1 and state = 'open'

-- name: record
-- The inbox hears of these objects from us, before the store's own event comes.
select inbox_record('portico-documents', k, v, 'created', 'api', s)
  from (select * from unnest($1::text[], $2::text[], $3::bigint[]) x(k, v, s) order by k) x

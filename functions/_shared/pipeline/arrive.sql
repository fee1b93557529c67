-- name: lock_uploads
select u.id, u.person_id, u.project_id, u.folder_id, u.document_id, u.version_id, u.name, u.size, u.state,
       u.of_document_id, u.restores, u.copies, (select r.no from version r where r.id = u.restores) as restores_no,
       coalesce(n.client_id, n.id)::text as fairness_key
  from upload u
  join node n on n.id = u.project_id
 where u.version_id = any($1::uuid[])
 order by u.id
   for update of u

-- name: lock_free_uploads
select u.id, u.person_id, u.project_id, u.folder_id, u.document_id, u.version_id, u.name, u.size, u.state,
       u.of_document_id, u.restores, u.copies, (select r.no from version r where r.id = u.restores) as restores_no,
       coalesce(n.client_id, n.id)::text as fairness_key
  from upload u
  join node n on n.id = u.project_id
 where u.version_id = any($1::uuid[])
 order by u.id
   for update of u skip locked

-- name: pinned
select id, object_version_id from version where id = any($1::uuid[])

-- name: lock_documents
-- Those that are still there, in one order.
select id, project_id from document where id = any($1::uuid[]) order by id for no key update

-- name: allowed
-- 3: contribute
select who, thing_id from access_levels($1::uuid[], $2::uuid[], now()) where level >= 3

-- name: receive
-- $4: of which document it is a new version, null: of its own. Those documents are locked: nobody takes the number.
with given as materialized (
  select u.*, g.free_name, g.object_version_id, g.into_id, coalesce(g.into_id, u.document_id) as owner_id, g.place
    from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
         with ordinality g(upload_id, free_name, object_version_id, into_id, place)
    join upload u on u.id = g.upload_id
),
made as (
  insert into document (id, folder_id, project_id, name, created_by, current_version_id)
  select g.document_id, g.folder_id, g.project_id, g.free_name, g.person_id, g.version_id
    from given g where g.into_id is null
),
done as (
  update upload set state = 'completed', name = g.free_name, touched_at = now()
    from given g where upload.id = g.id
)
insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, created_by,
                     restored_from)
select g.version_id, g.owner_id, g.project_id,
       coalesce((select max(v.no) from version v where v.document_id = g.into_id), 0)
         + row_number() over (partition by g.owner_id order by g.place),
       g.document_id || '/' || g.version_id, g.object_version_id, g.size, g.declared_type, g.person_id, g.restores
  from given g
returning id, document_id, no

-- name: add_scans
select job_add('scan', jsonb_build_object('version_id', v, 'project_id', p), f, v::text)
  from unnest($1::uuid[], $2::uuid[], $3::text[]) x(v, p, f)

-- name: announce
select announce('project:' || p) from unnest($1::uuid[]) p

-- name: lock
-- One person's orders one after the other: they are counted. Released with the transaction.
select pg_advisory_xact_lock(hashtextextended('archive ' || $1::text, 0))

-- name: count
select count(*)::int as count from archive
 where person_id = $1 and state in ('waiting', 'making', 'ready') and expires_at > now()

-- name: order
insert into archive (person_id, project_id, name, folder_id, documents, count, size) values ($1, $2, $3, $4, $5, $6, $7)
returning id

-- name: files
insert into archive_file (archive_id, place, project_id, document_id, version_id, path, size, sha256, state, why)
select $1, x.place, $2, x.document_id, x.version_id, x.path, x.size, decode(x.sha256, 'hex'),
       case when x.why is null then 'waiting' else 'left_out' end, x.why
  from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::text[])
       with ordinality x (document_id, version_id, path, size, sha256, why, place)

-- name: add_job
select job_add('archive', jsonb_build_object('archive_id', $1::uuid, 'project_id', $2::uuid),
               (select coalesce(n.client_id, n.id)::text from node n where n.id = $2), $1::text)

-- name: list
-- One's own, newest first: $2 the id before which to go on, $3 how many, $4 only this one.
with page as materialized (
  select a.* from archive a
   where a.person_id = $1 and a.state <> 'deleted' and ($2::uuid is null or a.id < $2) and ($4::uuid is null or a.id = $4)
   order by a.id desc limit $3
)
select a.id, a.name, jsonb_build_object('id', n.id, 'name', n.name) as project, a.folder_id as folder,
       a.documents as document, case when a.expires_at <= now() then 'expired' else a.state end as state,
       a.trouble, a.count, a.size, a.done_size, a.zip_size, a.created_at, a.ready_at, a.expires_at,
       (select count(*)::int from archive_file f where f.archive_id = a.id and f.state = 'left_out') as left_out_count,
       coalesce((select jsonb_agg(jsonb_build_object('name', l.path, 'why', l.why) order by l.place)
                   from (select f.path, f.why, f.place from archive_file f
                          where f.archive_id = a.id and f.state = 'left_out' order by f.place limit 50) l), '[]') as left_out
  from page a join node n on n.id = a.project_id
 order by a.id desc

-- name: delete
update archive set state = 'deleted' where id = $1 and person_id = $2 and state <> 'deleted' returning project_id

-- name: ready
select id, project_id, name, zip_size as size, state from archive
 where id = $1 and person_id = $2 and state in ('waiting', 'making', 'ready') and expires_at > now()
   for share

-- name: held
select document_id, version_id, size from archive_file where archive_id = $1 and state = 'in' order by place

-- name: reachable
-- Apart from the files: joined, 20,000 of them were looked up in a list of as many, for half a minute.
select a.thing_id as id from access_levels(array[$1::uuid], $2::uuid[], now()) a where a.level >= $3

-- name: ticket
insert into archive_delivery (archive_id, project_id, person_id, size) values ($1, $2, $3, $4) returning ticket

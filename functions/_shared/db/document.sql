-- name: one
-- $2: the asker's level, already decided
select d.*, $2::text as level, (d.version->>'no')::int as current_no, n.newest
  from document_shown d
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 where d.id = $1

-- name: list
-- One page of a folder: the rule filters, so that a page is full of what may be seen.
select d.*, (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest
  from access_list($1, $2, now(), $3, $4, $5) a
  join document_shown d on d.id = a.id
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 order by d.name, d.id

-- name: several
-- Those of these documents that the asker may see.
select d.*, (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest
  from access_levels(array[$1::uuid], $2::uuid[], now()) a
  join document_shown d on d.id = a.thing_id
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 where a.level > 0

-- name: current
-- $2: the number of the version that is asked for; null: the current one.
select d.name, v.id as version_id, v.no, v.object_key, v.object_version_id, v.size, v.state, v.detected_type
  from document d join version v on v.document_id = d.id and (v.no = $2 or $2::int is null and v.id = d.current_version_id)
 where d.id = $1

-- name: versions
-- Before number $2, or all; newest first. $4: one alone.
select v.id, v.no, v.size, v.declared_type, v.detected_type, encode(v.sha256, 'hex') as sha256, v.state, v.scan_result,
       v.preview_result, v.page_count, (select count(*) from page p where p.version_id = v.id) as pages_ready,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as created_by, v.received_at,
       r.no as restored_no
  from version v
  left join person c on c.id = v.created_by
  left join version r on r.id = v.restored_from
 where v.document_id = $1 and ($2::int is null or v.no < $2) and ($4::int is null or v.no = $4)
 order by v.no desc limit $3

-- name: pages
select p.no, p.width, p.height, p.text_key is not null as has_text
  from document d join page p on p.version_id = coalesce($2, d.current_version_id)
 where d.id = $1
 order by p.no

-- name: page
select p.no, p.image_key, p.thumbnail_key, p.text_key
  from document d join page p on p.version_id = coalesce($3, d.current_version_id)
 where d.id = $1 and p.no = $2

-- name: release
-- What the scan said stays: a released version is not a clean one.
update version v set state = $3, released_by = $2, released_at = now()
  from document d join node n on n.id = d.project_id
 where d.id = $1 and v.document_id = d.id and v.state = 'held'
   and (v.no = $4 or $4::int is null and v.id = d.current_version_id)
returning v.id, v.project_id, v.scan_result, coalesce(n.client_id, n.id)::text as fairness_key

-- name: add_job
select job_add($1, jsonb_build_object('version_id', $2::uuid, 'project_id', $3::uuid), $4, $2::text)

-- name: ticket
insert into delivery (version_id, document_id, project_id, person_id, link_id, size)
select v.id, v.document_id, v.project_id, $2, $3, v.size from version v where v.id = $1
returning ticket

-- name: version
select v.id, v.document_id, v.project_id, v.object_key, v.object_version_id, v.size, v.declared_type, v.detected_type,
       encode(v.sha256, 'hex') as sha256, v.state, v.created_by, d.name, f.deliver_unscanned
  from version v
  join document d on d.id = v.document_id
 cross join firm f
 where v.id = $1

-- name: change
update version
   set state = coalesce($2, state), sha256 = coalesce(decode($3, 'hex'), sha256),
       detected_type = coalesce($4, detected_type), scan_result = coalesce($5, scan_result),
       scan_detail = coalesce($6, scan_detail), preview_result = coalesce($7, preview_result),
       page_count = coalesce($8, page_count), scan_engine = coalesce($9, scan_engine),
       scan_signatures = case when $9 is null then scan_signatures else $10::int end,
       scanned_at = case when $9 is null then scanned_at else now() end
 where id = $1

-- name: same_content
-- Other versions of the same bytes, wherever they lie.
select v.id, v.project_id from version v
 where v.sha256 = decode($1, 'hex') and v.id <> $2 and v.state in ('checked', 'previewing', 'ready') and v.erased_at is null

-- name: end_archives
-- ZIPs that hold it, made or in the making, are handed out no more.
update archive set expires_at = now()
 where expires_at > now() and id in (select f.archive_id from archive_file f where f.version_id = any($1))

-- name: add_page
insert into page (version_id, project_id, no, width, height, image_key, thumbnail_key, text_key)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (version_id, no) do update
   set width = excluded.width, height = excluded.height, image_key = excluded.image_key,
       thumbnail_key = excluded.thumbnail_key, text_key = excluded.text_key

-- name: count_pages
select count(*) as pages from page where version_id = $1

-- name: add_job
select job_add($1, $2, $3, $4)

-- name: administrators
select id from person
 where staff_role = 'administrator' and now() >= valid_from and now() < valid_until

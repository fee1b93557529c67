-- name: open
-- An archive that is still to be made.
select id, person_id, project_id, part_size, upload_id, created_at from archive
 where id = $1 and state in ('waiting', 'making') and expires_at > now()

-- name: begin
update archive set upload_id = $2, state = 'making' where id = $1 and upload_id is null

-- name: next
-- The files whose turn it is, with what its maker may do with them now and what counts of the document now.
with next as materialized (
  select f.* from archive_file f where f.archive_id = $1 and f.state = 'waiting' order by f.place limit $3
)
select f.place, f.version_id, f.path, f.size, encode(f.sha256, 'hex') as sha256, v.received_at as at, v.object_key,
       v.object_version_id, d.current_version_id, v.state,
       (array['none', 'view', 'download', 'contribute', 'manage'])[coalesce(l.level, 0) + 1] as level
  from next f
  left join version v on v.id = f.version_id
  left join document d on d.id = f.document_id
  left join access_levels(array[$2::uuid], array(select next.document_id from next), now()) l on l.thing_id = f.document_id
 order by f.place

-- name: leave_out
update archive_file f set state = 'left_out', why = x.why
  from unnest($2::int[], $3::text[]) x (place, why)
 where f.archive_id = $1 and f.place = x.place and f.state = 'waiting'

-- name: lock
select id, person_id, project_id from archive where id = $1 and state in ('waiting', 'making') for update

-- name: put_in
update archive_file f set state = 'in', zip_offset = x.zip_offset, crc = x.crc
  from unnest($2::int[], $3::bigint[], $4::bigint[]) x (place, zip_offset, crc)
 where f.archive_id = $1 and f.place = x.place and f.state = 'waiting'

-- name: keep_parts
insert into archive_part (archive_id, no, etag) select $1, x.no, x.etag from unnest($2::int[], $3::text[]) x (no, etag)
on conflict (archive_id, no) do update set etag = excluded.etag

-- name: progress
update archive set state = 'making', trouble = null, done_size = done_size + $2 where id = $1

-- name: trouble
-- Why it waits; one row when that is news.
update archive set trouble = $2 where id = $1 and state in ('waiting', 'making') and trouble is distinct from $2
returning person_id

-- name: take_out
update archive_file set state = 'waiting', zip_offset = null, crc = null where archive_id = $1 and state = 'in'

-- name: forget_parts
delete from archive_part where archive_id = $1

-- name: anew
update archive set upload_id = null, done_size = 0, trouble = null where id = $1

-- name: whole
-- What is in, as the directory at the end needs it.
select f.path, f.size, encode(f.sha256, 'hex') as sha256, f.zip_offset as offset, f.crc, v.received_at as at
  from archive_file f left join version v on v.id = f.version_id
 where f.archive_id = $1 and f.state = 'in' order by f.zip_offset

-- name: left_out
select path, why from archive_file where archive_id = $1 and state = 'left_out' order by place

-- name: parts
select no as number, etag from archive_part where archive_id = $1 and no < $2 order by no

-- name: ready
update archive
   set state = 'ready', trouble = null, zip_size = $2, done_size = size, ready_at = now(), expires_at = now() + interval '1 day'
 where id = $1

-- name: counts
select count(*) filter (where state = 'in')::int as count, count(*) filter (where state = 'left_out')::int as left_out
  from archive_file where archive_id = $1

-- name: failed
update archive set state = 'failed', trouble = $2 where id = $1

-- name: version
select version_id, document_id from archive_file where archive_id = $1 and place = $2

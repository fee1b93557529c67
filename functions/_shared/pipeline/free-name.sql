-- name: lock_folders
-- In one order, so that two transactions never wait for each other in a circle.
select pg_advisory_xact_lock(hashtextextended('folder ' || f.id, 0))
  from (select id from unnest($1::uuid[]) x(id) order by id) f

-- name: taken
select distinct d.folder_id, d.name
  from unnest($1::uuid[], $2::text[]) x(folder_id, name)
  join document d on d.folder_id = x.folder_id and d.name = x.name

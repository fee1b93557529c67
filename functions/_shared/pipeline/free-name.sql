-- name: lock_folders
-- In one order, so that two transactions never wait for each other in a circle.
select pg_advisory_xact_lock(hashtextextended('folder ' || f.id, 0))
  from (select id from unnest($1::uuid[]) x(id) order by id) f

-- name: taken
-- only_by: whoever brings it sees nothing of others there, and so learns nothing of their names.
select distinct x.folder_id, x.name, x.only_by
  from unnest($1::uuid[], $2::text[], $3::uuid[]) x(folder_id, name, only_by)
  join document d on d.folder_id = x.folder_id and d.name = x.name and (x.only_by is null or d.created_by = x.only_by)

-- name: own_places
-- Where these people see only what they uploaded themselves.
select a.who, a.thing_id as folder_id
  from access_levels($1::uuid[], case when exists (select from access_grant g where g.own_only) then $2::uuid[] else '{}' end, now()) a
 where a.level > 0 and a.others = 0

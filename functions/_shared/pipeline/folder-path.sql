-- name: lock
-- Two that bring the same new folder at once make one.
select pg_advisory_xact_lock(hashtextextended('folders of ' || $1::uuid, 0))

-- name: find
select id from node where parent_id = $1 and kind = 'folder' and name = $2 order by id limit 1

-- name: make
insert into node (kind, parent_id, name) values ('folder', $1, $2) returning id

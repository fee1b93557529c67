-- name: set
update node set four_eyes = $2 where id = $1 and four_eyes <> $2

-- name: waiting
-- Whether a version waits, and whether the asker uploaded it.
select created_by is not distinct from $3 as own from version where document_id = $1 and no = $2 and waits

-- name: show
update version set waits = false, shown_by = $3, shown_at = now()
 where document_id = $1 and no = $2 and waits and created_by is distinct from $3
returning id

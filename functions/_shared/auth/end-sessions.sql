-- name: end_sessions
-- No browser counts as known any more either: the next sign-in is told.
with forgotten as (delete from device where person_id = $1)
delete from session where person_id = $1 returning id

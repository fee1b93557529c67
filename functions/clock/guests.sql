-- name: due
-- Whose stay ends within the first reminder's days, by whom nothing was told yet of the nearest.
select g.project_id, g.person_id, g.sponsor_id, g.valid_until, g.reminded from project_guest g
 where g.ended_at is null and g.valid_until < now() + make_interval(days => $1)
   and (g.valid_until <= now() or g.reminded < 2)
   and (g.project_id, g.person_id) > ($2, $3)
 order by g.project_id, g.person_id limit $4

-- name: lock
select g.project_id, g.person_id, g.sponsor_id, g.valid_until, g.reminded from project_guest g
 where g.project_id = $1 and g.person_id = $2 and g.ended_at is null for update

-- name: reminded
update project_guest set reminded = $3 where project_id = $1 and person_id = $2

-- name: ended
update project_guest set ended_at = now() where project_id = $1 and person_id = $2

-- name: door_plate
select name from firm

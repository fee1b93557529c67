-- name: door_plate
select name, imprint::text ~ ': "[^"]' as imprint, privacy::text ~ ': "[^"]' as privacy from firm

-- name: legal
select name, imprint, privacy from firm

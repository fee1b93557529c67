-- name: door_plate
select name, imprint::text ~ ': "[^"]' as imprint, privacy::text ~ ': "[^"]' as privacy,
       (select jsonb_build_object('name', i.name, 'only', i.passwords_off) from identity_provider i where i.enabled) as provider
  from firm

-- name: legal
select name, imprint, privacy from firm

-- name: announce
-- What comes and nobody announced meanwhile.
with coming as materialized (select * from locks_coming($1)),
added as (
  insert into lock_announced (lock_id, thing_id, begins_at) select lock_id, thing_id, begins_at from coming
  on conflict do nothing
  returning lock_id, thing_id
)
select c.lock_id, c.thing_id, c.project_id, c.document_id, c.begins_at from coming c join added using (lock_id, thing_id)

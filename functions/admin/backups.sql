-- name: state
select last_at, drilled_at, every_minutes, late, drill_failed from backup_state()

-- name: tries
select id, begun_at, ended_at, problem, database_bytes, database_added, objects_bytes, objects_added, kept, drill
  from backups($1, $2)

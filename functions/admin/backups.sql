-- name: state
select last_at, drilled_at, every_minutes, late, drill_failed, saved_at, recent_at, documents_at, recent_late, recent_problem
  from backup_state()

-- name: under_way
select begun_at, step, part from backup_under_way()

-- name: tries
select id, begun_at, ended_at, problem, database_bytes, database_added, objects_bytes, objects_added, kept, drill
  from backups($1, $2)

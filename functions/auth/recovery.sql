-- name: state
select count(*) filter (where used_at is null)::int as left, max(made_at) as made_at
  from recovery_code where person_id = $1
having count(*) > 0

-- name: forget
delete from recovery_code where person_id = $1

-- name: make
insert into recovery_code (person_id, hash) select $1, unnest($2::bytea[]) returning made_at

-- name: use
-- Of any number of tries with one code, the row's lock lets one through.
update recovery_code set used_at = now() where person_id = $1 and hash = $2 and used_at is null
returning made_at

-- name: left
select count(*)::int as left from recovery_code where person_id = $1 and used_at is null

-- name: tell
select job_add('notify', $1, '', $2) as id

-- name: ended
-- Whose day is over, or that failed or were given up, and whose bytes still lie in the store.
select id from archive
 where swept_at is null and id > $1
   and (expires_at <= now() or state in ('deleted', 'failed', 'expired'))
 order by id limit $2

-- name: lock
select id, project_id, state, upload_id from archive where id = $1 and swept_at is null for update

-- name: swept
update archive set swept_at = now(), state = case when state in ('deleted', 'failed') then state else 'expired' end where id = $1

-- name: forget
-- A week later nobody asks for it any more; what was handed out stands in the log.
delete from archive where swept_at < now() - interval '7 days'

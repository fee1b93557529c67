-- name: missing
-- Of what the store lists, what the inbox has never heard of. Arrays of the same length, a page of a listing each.
select s.key, s.object_version_id, s.kind, s.size
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as s (key, object_version_id, kind, size)
 where not exists (
   select from inbox i
    where i.bucket = $1 and i.key = s.key and i.object_version_id = s.object_version_id and i.kind = s.kind)

-- name: record
select inbox_record($1, $2, $3, $4, 'reconciliation', $5) as is_new

-- name: mark
select at from clock_mark where name = $1

-- name: set_mark
insert into clock_mark (name, at) values ($1, $2) on conflict (name) do update set at = excluded.at

-- name: open_uploads
-- Open uploads whose key is older than the recent part of the listing: each is looked for by itself.
select u.id, u.document_id, u.version_id
  from upload u
 where u.state = 'open' and u.created_at < $1 and u.id > $2
 order by u.id limit $3

-- name: abandoned
select id, project_id from upload
 where state = 'open' and touched_at < now() - interval '1 day' and id > $1
 order by id limit $2

-- name: lock_abandoned
select id, person_id, project_id, document_id, version_id, store_upload_id from upload
 where id = $1 and state = 'open' and touched_at < now() - interval '1 day' for update

-- name: arriving
-- Its object came and has not been judged yet.
select from job where kind = 'arrive' and state in ('ready', 'active') and data->>'key' = $1 limit 1

-- name: sweep
update upload set state = 'aborted' where id = $1

-- name: stuck
-- Versions whose next job is neither waiting nor running: something was lost on the way (or given up and re-opened).
select v.id, v.project_id, v.state, coalesce(n.client_id, n.id)::text as fairness_key
  from version v
  join node n on n.id = v.project_id
 where v.state in ('received', 'checked', 'previewing')
   and v.received_at < now() - interval '2 minutes'
   and not exists (
     select from job j
      where j.kind = case v.state when 'received' then 'scan' else 'preview' end
        and j.unique_key = v.id::text and j.state in ('ready', 'active'))
 order by v.id limit 1000

-- name: again
select job_add($1, $2, $3, $4)

-- name: forget_sessions
delete from session where expires_at < now() - interval '30 days'

-- name: forget_idempotency
delete from idempotency where created_at < now() - interval '1 day'

-- name: forget_limits
delete from rate_limit where expire < extract(epoch from now() - interval '1 day') * 1000

-- name: forget_jobs
delete from job where state = 'done' and done_at < now() - interval '7 days'

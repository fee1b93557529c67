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
 where v.state in ('received', 'checked', 'previewing') and v.erased_at is null
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

-- name: forget_devices
-- The browser has dropped the cookie by then (functions/auth/device.ts).
delete from device where last_at < now() - interval '400 days'

-- name: forget_addresses
-- Links that hold an address: of use until they end, and for a month to whoever looks into what happened.
delete from one_time_link
 where purpose in ('email', 'email-undo') and expires_at < now() - interval '30 days'

-- name: forget_idempotency
-- As functions/_shared/idempotency.sql takes them for used.
delete from idempotency
 where created_at < now() - case when key like 'rule %' then interval '8 days' else interval '1 day' end

-- name: forget_limits
delete from rate_limit where expire < extract(epoch from now() - interval '1 day') * 1000

-- name: add_shelf
-- A row if a shelf was full: what comes next lies on a new one (docs/decisions/search-order.md).
select from search_shelf_add() n where n > 0

-- name: forget_jobs
delete from job where state = 'done' and done_at < now() - interval '7 days'

-- name: forget_deliveries
-- What waits is not forgotten; an endpoint that was removed takes all of its own with it.
delete from webhook_delivery d using webhook w
 where w.id = d.webhook_id
   and (w.ended_at < now() - interval '1 day' or (d.state <> 'waiting' and d.created_at < now() - interval '30 days'))

-- name: due_trash
-- What has lain in the trash for its time.
select id, project_id from trash
 where restored_at is null and emptied_at is null and at < now() - interval '30 days'
 order by at limit 100

-- name: empty
-- Nothing when somebody took it out at this very moment.
update trash set emptied_at = now()
 where id = $1 and restored_at is null and emptied_at is null and at < now() - interval '30 days'

-- name: emptied
-- What is to be erased, unless something of it still arrives or is being prepared: that is waited for.
select t.id, t.thing_id, t.project_id, t.emptied_by from trash t
 where t.emptied_at is not null and t.erased_at is null and t.id > $1
   and not exists (
     select from document d left join node n on n.id = d.folder_id
       join version v on v.document_id = d.id
      where d.project_id = t.project_id and (d.id = t.thing_id or t.thing_id = any(n.path))
        and v.state in ('received', 'checked', 'previewing'))
 order by t.id limit 1

-- name: documents_of
-- Documents of something that was emptied: itself, or all that lie in the folder.
select d.id from document d join node n on n.id = d.folder_id
 where d.project_id = $2 and (d.id = $1 or $1 = any(n.path)) and d.id > $3
 order by d.id limit 100

-- name: erase_versions
update version set erased_at = now() where document_id = $1 and erased_at is null
returning id

-- name: versions_of
select id, object_key, drop_key, drop_object_version_id from version where document_id = $1 order by no

-- name: erase_pages
delete from page where version_id in (select id from version where document_id = $1)

-- name: erase_comments
-- Those that are about nothing that is still there.
update comment c set text = '', taken_back_at = coalesce(c.taken_back_at, now())
 where $1 = any(c.documents)
   and not exists (select from version v where v.document_id = any(c.documents) and v.erased_at is null)

-- name: is_folder
select from node where id = $1

-- name: erased
update trash set erased_at = now() where id = $1

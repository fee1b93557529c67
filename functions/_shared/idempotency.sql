-- name: claim
-- A rule's keys (functions/automations/api.ts) outlive its job, which may be tried again for days: a mail that went out is
-- not sent once more.
insert into idempotency (person_id, key, request_hash, claim) values ($1, $2, $3, $4)
on conflict (person_id, key) do update
   set request_hash = excluded.request_hash, claim = excluded.claim, created_at = now(), status = null, body = null
 where idempotency.created_at < now() - case when idempotency.key like 'rule %' then interval '8 days' else interval '1 day' end
    or idempotency.status is null and idempotency.created_at < now() - interval '2 minutes'

-- name: look
select request_hash = $3 as same, status, body from idempotency where person_id = $1 and key = $2

-- name: save
update idempotency set status = $4, body = $5 where person_id = $1 and key = $2 and claim = $3

-- name: release
delete from idempotency where person_id = $1 and key = $2 and claim = $3 and status is null

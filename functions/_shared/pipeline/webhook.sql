-- name: next
-- What this endpoint is to be told now, with the act that it is about.
select d.id, d.type, d.created_at, w.id as webhook_id, w.url, w.secret,
       case when w.old_until > now() then w.old_secret end as old_secret,
       a.seq, a.at, a.action, a.actor_id, a.project_id, a.document_id, a.subject_id,
       convert_from(a.body, 'UTF8')::jsonb->'facts' as facts
  from webhook w
  join webhook_delivery d on d.webhook_id = w.id
  left join audit a on a.seq = d.audit_seq
 where w.id = $1 and w.ended_at is null and d.state = 'waiting' and d.next_at <= now()
   and (d.audit_seq is null or (w.state = 'on' and coalesce(w.quiet_until <= now(), true)))
 order by d.audit_seq is not null, d.next_at, d.audit_seq limit 1

-- name: lock
-- Nothing when it was told meanwhile, or its endpoint removed.
select d.attempts + 1 as attempts, extract(epoch from now() - d.due_since)::float8 as age, d.audit_seq is null as is_test,
       coalesce(w.answered_at > d.due_since, false) as answered_since, w.failures
  from webhook_delivery d join webhook w on w.id = d.webhook_id
 where d.id = $1 and d.webhook_id = $2 and d.state = 'waiting' for update of d, w

-- name: settle
update webhook_delivery
   set state = $2, attempts = attempts + 1, status = $3, reason = $4, last_at = now(),
       next_at = now() + $5 * interval '1 s'
 where id = $1

-- name: answered
update webhook set failures = 0, quiet_until = null, answered_at = now() where id = $1

-- name: is_back
update webhook_delivery set next_at = now() where webhook_id = $1 and state = 'waiting' and next_at > now()

-- name: failed
update webhook set failures = failures + 1, quiet_until = now() + $2 * interval '1 s' where id = $1

-- name: rest
select webhook_rest($1, $2) as id

-- name: list
-- The firm's endpoints, or one; names of projects only where the reader may see them.
select w.id, w.name, w.url, w.types, w.state, w.state_at, w.answered_at, w.created_at,
       case when w.old_until > now() then w.old_until end as old_secret_until,
       w.state in ('resting', 'gone') and $1 = any(w.told_to) as told,
       jsonb_build_object('id', p.id, 'name', p.name) as made_by,
       (select count(*)::int from webhook_delivery d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
       (select count(*)::int from webhook_delivery d
         where d.webhook_id = w.id and d.state = 'failed' and d.audit_seq is not null) as failed,
       coalesce((select jsonb_agg(jsonb_build_object('id', x, 'name', n.name) order by n.name, x)
                   from unnest(w.projects) x
                   left join access_projects($1, now()) a on a.project_id = x
                   left join node n on n.id = a.project_id), '[]') as projects
  from webhook w join person p on p.id = w.made_by
 where w.ended_at is null and ($2::uuid is null or w.id = $2)
 order by w.name, w.id

-- name: lock
select w.projects, w.state from webhook w where w.id = $1 and w.ended_at is null for update

-- name: count
-- Two that are made at once count one another.
select pg_advisory_xact_lock(hashtext('portico_webhook')),
       (select count(*)::int from webhook where ended_at is null) as n

-- name: add
insert into webhook (name, url, types, projects, secret, from_seq, made_by)
values ($1, $2, $3, $4, $5, (select coalesce(max(seq), 0) from audit), $6)
returning id

-- name: change
-- Whoever wakes an endpoint, or gives it another address, gives it another chance; what failed stays until it is sent again.
update webhook
   set name = coalesce($2, name), url = coalesce($3, url), types = coalesce($4, types), projects = coalesce($5, projects),
       state_at = case when $6::text is distinct from state and $6 is not null then now() else state_at end,
       state = coalesce($6, state), failures = 0, quiet_until = null
 where id = $1

-- name: drop_waiting
-- What was to be told to an endpoint that is switched off is not told later either, unless somebody sends it again.
update webhook_delivery set state = 'failed', reason = 'off' where webhook_id = $1 and state = 'waiting'

-- name: renew_secret
update webhook set old_secret = secret, old_until = now() + make_interval(hours => $3), secret = $2 where id = $1

-- name: end
update webhook set ended_at = now(), old_secret = null, old_until = null where id = $1 and ended_at is null returning id

-- name: try
insert into webhook_delivery (webhook_id, type) values ($1, $2) returning id

-- name: deliveries
select d.id, 'evt_' || coalesce(d.audit_seq::text, d.id::text) as event_id, d.type, d.state, d.attempts, d.status, d.reason,
       d.created_at, d.last_at, case when d.state = 'waiting' then d.next_at end as next_at
  from webhook_delivery d
 where d.webhook_id = $1 and ($2::uuid is null or d.id < $2) and ($4::text is null or d.state = $4)
 order by d.id desc limit $3

-- name: again
-- One, whatever became of it; the same message once more.
update webhook_delivery d set state = 'waiting', attempts = 0, due_since = now(), next_at = now()
 where d.webhook_id = $1 and d.id = $2 returning d.id

-- name: again_since
update webhook_delivery d set state = 'waiting', attempts = 0, due_since = now(), next_at = now()
 where d.webhook_id = $1 and d.state = 'failed' and d.audit_seq is not null and d.created_at >= $2
returning d.id

-- name: wake
select job_add('webhook', jsonb_build_object('webhook_id', $1::uuid), $1::text, $1::text)

-- name: find
-- The secret is part of the question: who does not have it learns nothing of the link, not even that it is there.
select l.person_id, l.expires_at, l.used_at is not null as used, l.expires_at <= now() as expired,
       l.email as to, l.session_id, m.name as invited_by, p.name, p.email, f.name as firm,
       coalesce(password_opens(p), true) as password_opens
  from one_time_link l
  left join person p on p.id = l.person_id
  left join person m on m.id = l.made_by
  left join firm f on true
 where l.id = $1 and l.purpose = $2 and l.secret_hash = $3

-- name: use
update one_time_link set used_at = now()
 where id = $1 and purpose = $2 and secret_hash = $3 and used_at is null and expires_at > now()
returning id

-- name: use_up_others
update one_time_link set used_at = now() where person_id = $1 and used_at is null

-- name: one_set_up_at_a_time
select pg_advisory_xact_lock(hashtext('portico_set_up'))

-- name: set_up_firm
with root as (
  insert into node (kind, name) select 'firm', $1 where not exists (select from firm)
  returning id
)
insert into firm (node_id, name, locale, time_zone)
select root.id, $1, $2, coalesce($3, 'Europe/Berlin') from root
returning node_id as id

-- name: end_open
-- One at a time: a new link takes the place of those before it.
update one_time_link set expires_at = now()
 where person_id = $1 and purpose = $2 and used_at is null and expires_at > now()

-- name: create
insert into one_time_link (secret_hash, purpose, person_id, made_by, expires_at, email, session_id)
values ($1, $2, $3, $3, now() + make_interval(mins => $4), $5, $6)
returning id

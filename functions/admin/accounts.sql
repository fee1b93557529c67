-- name: one
-- The people list's row, if the asker ($1) may know of them, and what opens doors.
select p.id, p.name, p.email, p.staff_role, p.created_at, p.locale,
       now() >= p.valid_from and now() < p.valid_until as active,
       p.joined_at is not null as joined, second_factor_stands(p) as second_factor,
       exists (select from identity i where i.person_id = p.id and i.shut_at = p.valid_until) as shut_by_provider,
       not password_opens(p) as provider_only,
       (select a.at from audit a where a.actor_id = p.id and a.action = 'session.started'
         order by a.seq desc limit 1) as last_sign_in_at,
       coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name, o.id)
                   from belonging m join directory_organisations($1, now()) d on d.id = m.organisation_id
                   join organisation o on o.id = d.id
                  where m.person_id = p.id and now() >= m.valid_from and now() < m.valid_until), '[]') as organisations,
       (select count(*)::int from session s
         where s.person_id = p.id and s.factors = 2 and s.expires_at > now()
           and s.last_used_at > now() - interval '8 hours') as sessions
  from directory_people($1, now()) d join person p on p.id = d.id
 where p.id = $2

-- name: keys
select k.id, k.name, k.last_used_at from api_key k
 where k.person_id = $1 and k.revoked_at is null and k.expires_at > now()
 order by k.name, k.id

-- name: links
with living as materialized (
  select l.id, l.recipient, l.project_id, l.valid_until from link l
   where l.made_by = $2 and l.secret_hash is not null and l.revoked_at is null and l.valid_until > now()
),
level as materialized (
  select a.thing_id, a.level
    from access_levels(array[$1::uuid], array(select distinct living.project_id from living where living.project_id is not null), now()) a
)
select living.id, living.valid_until,
       case when n.id is not null then living.recipient end as recipient,
       case when n.id is not null then jsonb_build_object('id', n.id, 'name', n.name) end as project
  from living
  left join level on level.thing_id = living.project_id and level.level = 4
  left join node n on n.id = level.thing_id
 order by living.valid_until, living.id

-- name: begin
select administrators_one_at_a_time()

-- name: facts
select p.id, p.staff_role, p.locale, now() >= p.valid_from and now() < p.valid_until as active,
       p.joined_at is not null as joined
  from person p where p.id = $1 for no key update of p

-- name: set_role
update person set staff_role = $2 where id = $1

-- name: deactivate
update person set valid_until = now() where id = $1

-- name: reactivate
update person set valid_from = least(valid_from, now()), valid_until = 'infinity' where id = $1

-- name: revoke_keys
update api_key set revoked_at = now() where person_id = $1 and revoked_at is null and expires_at > now() returning id

-- name: revoke_links
update link set revoked_at = now(), valid_until = least(valid_until, now())
 where made_by = $1 and revoked_at is null and valid_until > now()
returning id, project_id

-- name: end_invitations
update one_time_link set expires_at = now()
 where person_id = $1 and used_at is null and expires_at > now()

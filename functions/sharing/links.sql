-- name: longest
select link_days_max from firm

-- name: create
insert into link (made_by, project_id, recipient, secret_hash, password_hash, valid_until, max_opens, note)
values ($1, $2, $3, $4, $5, $6, $7, $8)
returning id

-- name: share
-- The grant has no end of its own: a link that ended or was revoked has no say, whatever it was granted.
insert into access_grant (link_id, node_id, document_id, level, given_by)
select $1, case when t.kind = 'node' then t.id end, case when t.kind = 'document' then t.id end, $4, $5
  from unnest($2::uuid[], $3::text[]) t(id, kind)

-- name: list
-- Links that somebody made, or (where a thing is named) all that share just this thing; one of them by its id.
select l.id, l.project_id, l.recipient, g.level, g.things, l.valid_until, l.revoked_at,
       l.password_hash is not null as has_password, l.opens, l.max_opens, l.note, l.created_at
  from link l
 cross join lateral (
   select max(case g.level when 1 then 'view' else 'download' end) as level,
          jsonb_agg(jsonb_build_object('id', g.thing_id, 'kind', coalesce(n.kind, 'document'),
                                       'name', coalesce(n.name, d.name)) order by coalesce(n.name, d.name)) as things
     from access_grant g left join node n on n.id = g.node_id left join document d on d.id = g.document_id
    where g.link_id = l.id and coalesce(n.id, d.id) is not null) g
 where l.secret_hash is not null and g.things is not null
   and ($1::uuid is null or l.made_by = $1)
   and ($2::uuid is null or exists (select from access_grant x where x.link_id = l.id and x.thing_id = $2))
   and ($3::uuid is null or l.id = $3)
   and ($4::uuid is null or l.id < $4)
 order by l.id desc
 limit $5

-- name: whose
select made_by, project_id from link where id = $1 and secret_hash is not null

-- name: projects_made_in
select coalesce(array_agg(distinct project_id), '{}') as ids from link where made_by = $1 and project_id is not null

-- name: things
select g.thing_id as id from access_grant g where g.link_id = $1

-- name: visits
select id, name, device, opened_at from visit where link_id = $1 order by opened_at desc limit 500

-- name: revoke
update link set revoked_at = now(), valid_until = least(valid_until, now())
 where id = $1 and revoked_at is null
returning id

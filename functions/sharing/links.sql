-- name: longest
select link_days_max from firm

-- name: create
insert into link (made_by, project_id, recipient, secret_hash, password_hash, valid_until, max_opens, note, request_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
returning id

-- name: made_before
select id, project_id, secret_hash = $1 as same from link where (secret_hash = $1 or request_hash = $3) and made_by = $2

-- name: share
-- The grant has no end of its own: a link that ended or was revoked has no say, whatever it was granted.
insert into access_grant (link_id, node_id, document_id, level, given_by)
select $1, case when t.kind = 'node' then t.id end, case when t.kind = 'document' then t.id end, $4, $5
  from unnest($2::uuid[], $3::text[]) t(id, kind)

-- name: list
-- Links that $7 made ($1: in these projects), or (where a thing is named) all that share just this thing; one of them by its
-- id. $6: those of a project that $7 made, or all of whose things $7 manages. Whoever stands in for a link's maker has it as
-- the maker has. What $7 does not see has no name. Whoever waits for an answer comes first ($8: the last one on the page
-- before did). $9: words, each a part of whom it is for; null for all.
select l.id, l.project_id, l.recipient, g.level, g.things, l.valid_until, l.revoked_at,
       l.password_hash is not null as has_password, l.opens, l.looks, l.max_opens, l.note, l.created_at, l.renewal_asked_at,
       link_mail(l.id) as mail
  from link l
 cross join lateral (
   select max(case g.level when 1 then 'view' else 'download' end) as level,
          jsonb_agg(jsonb_build_object('id', g.thing_id, 'kind', coalesce(n.kind, 'document'),
                                       'name', case when a.level > 0 then coalesce(n.name, d.name) end)
                    order by coalesce(n.name, d.name)) as things
     from access_grant g left join node n on n.id = g.node_id left join document d on d.id = g.document_id
     left join lateral access_levels(array[$7::uuid], array[g.thing_id], now()) a on true
    where g.link_id = l.id and coalesce(n.id, d.id) is not null) g
 where l.secret_hash is not null and g.things is not null
   and ($1::uuid[] is null or l.project_id = any($1) and (l.made_by = $7 or link_stands_in($7, l.made_by, l.project_id, now())))
   and ($2::uuid is null or exists (select from access_grant x where x.link_id = l.id and x.thing_id = $2))
   and ($3::uuid is null or l.id = $3)
   and ($4::uuid is null or (l.renewal_asked_at is not null, l.id) < ($8::boolean, $4))
   and ($6::uuid is null or l.project_id = $6 and (l.made_by = $7 or not exists (
     select from access_grant x where x.link_id = l.id
        and (select a.level from access_levels(array[$7::uuid], array[x.thing_id], now()) a) is distinct from 4)
     or link_stands_in($7, l.made_by, l.project_id, now())))
   and ($9::text is null
        or not exists (select from regexp_split_to_table(lower($9), '\s+') word where strpos(lower(l.recipient), word) = 0))
 order by l.renewal_asked_at is not null desc, l.id desc
 limit $5

-- name: whose
select made_by, project_id from link where id = $1 and secret_hash is not null

-- name: stands_in
select link_stands_in($1, l.made_by, l.project_id, now()) as stands_in from link l where l.id = $2

-- name: projects_made_in
select coalesce(array_agg(distinct l.project_id), '{}') as ids from link l
 where l.project_id is not null
   and (l.made_by = $1
        or l.made_by in (select (a->>'id')::uuid from jsonb_array_elements(standing_in($1, now())) a)
           and link_stands_in($1, l.made_by, l.project_id, now()))

-- name: things
select g.thing_id as id from access_grant g where g.link_id = $1

-- name: visits
select id, name, device, opened_at from visit where link_id = $1 order by opened_at desc limit 500

-- name: revoke
update link set revoked_at = now(), valid_until = least(valid_until, now())
 where id = $1 and revoked_at is null
returning id

-- name: renew
-- What was revoked or used up goes on too: its maker says so. Opens count on from where they were. A visit that had
-- ended with the link does not come back: whoever had it opens the link once more.
with ended as (
  update visit v set expires_at = now() from link l
   where l.id = $1 and (l.revoked_at is not null or l.valid_until <= now()) and v.link_id = l.id and v.expires_at > now()
)
update link
   set valid_until = $2, revoked_at = null, renewal_asked_at = null,
       max_opens = case when max_opens is null then null
                        when $3::int is null and opens < max_opens then max_opens
                        else opens + coalesce($3, max_opens) end
 where id = $1
returning max_opens

-- name: looked
update link set looks = looks + 1 where id = $1

-- name: ask_renewal
-- Once an hour: who asks again in between has asked already.
update link set renewal_asked_at = now()
 where id = $1 and (renewal_asked_at is null or renewal_asked_at < now() - interval '1 hour')
returning made_by as id

-- name: mail
select job_add('notify', $1, $2, $3) as id

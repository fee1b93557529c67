-- name: find
-- The secret is part of the question: who does not have it learns nothing of the link, not even that it is there.
select id, project_id, password_hash, valid_until, revoked_at, opens, max_opens
  from link where id = $1 and secret_hash = $2

-- name: count_open
-- The row is locked from here to the commit: of many at once exactly as many as are left succeed.
update link set opens = opens + 1
 where id = $1 and revoked_at is null and now() >= valid_from and now() < valid_until
   and (max_opens is null or opens < max_opens)
returning id

-- name: start
insert into visit (token_hash, link_id, name, device, expires_at)
select $1, l.id, $3, $4, least(l.valid_until, now() + make_interval(hours => $5)) from link l where l.id = $2
returning id, expires_at

-- name: by_token
select v.id as visit_id, v.expires_at <= now() as over, v.name, v.link_id, l.project_id, l.recipient, l.note, l.valid_until, l.revoked_at,
       l.opens, null as max_opens, maker.name as sender, maker.locale, f.time_zone, f.name as firm_name,
       coalesce((select max(case g.level when 1 then 'view' else 'download' end)
                   from access_grant g where g.link_id = l.id), 'view') as level
  from visit v
  join link l on l.id = v.link_id
  join person maker on maker.id = l.made_by
 cross join firm f
 where v.token_hash = $1 and v.link_id = $2

-- name: kept
-- Of the visits whose cookies a browser shows: those that it keeps beside the one that it begins now.
select link_id from visit where token_hash = any($1::bytea[]) and expires_at > now() and link_id <> $2
 order by opened_at desc limit $3

-- name: contents
-- Everything below what the link was granted, as the rule answers for the link at this moment; folders as well.
with given as materialized (
  select g.node_id, g.document_id from access_grant g where g.link_id = $1
),
candidate as materialized (
  select d.id from given join document d on d.id = given.document_id
  union
  select d.id from given
    join node n on n.project_id = $2 and given.node_id = any(n.path)
    join document d on d.folder_id = n.id
),
-- A folder from which the maker was shut out since is not named, though something in it may still be shown.
folder as materialized (
  select a.thing_id as id
    from access_levels(array[$1::uuid],
                       array(select n.id from given
                               join node n on n.project_id = $2 and given.node_id = any(n.path)), now()) a
   where a.level > 0
)
select d.id, d.name,
       -- Folders from the uppermost shared one on: what lies above it is none of a visitor's business.
       coalesce((select array_agg(f.name order by step.no)
                   from node place
                  cross join lateral unnest(place.path) with ordinality step(id, no)
                   join node f on f.id = step.id
                  where place.id = d.folder_id and step.id in (select id from folder)), '{}') as path,
       case a.level when 1 then 'view' else 'download' end as level,
       (d.version->>'no')::int as version, (d.version->>'size')::bigint as size, (d.version->>'page_count')::int as page_count,
       (d.version->>'pages_ready')::int as pages_ready, d.version->>'preview_result' as preview_result
  from access_levels(array[$1::uuid], array(select id from candidate), now()) a
  join document_shown d on d.id = a.thing_id
 where a.level > 0 and d.version->>'state' not in ('held', 'received')
   and ($3::uuid is null or (d.name, d.id) > ($4, $3))
 order by d.name, d.id
 limit $5

-- name: shown
-- Only for who has shown the secret.
select f.name as firm, f.time_zone, maker.name as sender, maker.locale
  from link l join person maker on maker.id = l.made_by cross join firm f
 where l.id = $1

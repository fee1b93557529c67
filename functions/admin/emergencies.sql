-- name: others
select a.id from administrators_besides($1) a

-- name: place
-- What a thing is and where, if the asker may know of its client.
select p.kind, p.project_id from emergency_place($2) p
 where p.client_id is null or p.client_id in (select d.id from directory_organisations($1, now()) d)

-- name: project
-- By its exact name; of one client, if the asker may know of it, or of none.
select n.id from node n
 where n.kind = 'project' and n.client_id is not distinct from $2::uuid
   and ($2::uuid is null or $2 in (select d.id from directory_organisations($1, now()) d))
   and lower(normalize(regexp_replace(btrim(n.name), '\s+', ' ', 'g'), NFKC))
       = lower(normalize(regexp_replace(btrim($3), '\s+', ' ', 'g'), NFKC))
 limit 2

-- name: write
insert into emergency (person_id, grant_id, project_id, document_id, level, reason, begun_at, valid_until)
values ($1, $2, $3, $4, $5, $6, $7::timestamptz - interval '4 hours', $7) returning id

-- name: tell
insert into emergency_told (emergency_id, person_id) select $1, x from unnest($2::uuid[]) x

-- name: mail
select job_add('notify', jsonb_build_object('template', 'emergency', 'person_id', x, 'emergency_id', $1::uuid), '',
               'emergency:' || $1::uuid || ':' || x)
  from unnest($2::uuid[]) x

-- name: list
with e as materialized (select * from emergencies($1)),
seen as materialized (
  select l.thing_id from access_levels(array[$1::uuid], array(select coalesce(e.document_id, e.project_id) from e), now()) l
   where l.level > 0
),
known as materialized (select d.id from directory_organisations($1, now()) d)
select e.id, jsonb_build_object('id', p.id, 'name', p.name) as person, p.id = $1 as own,
       jsonb_build_object('id', coalesce(e.document_id, e.project_id),
         'kind', case when e.document_id is null then 'project' else 'document' end,
         'name', case when seen.thing_id is not null then coalesce(d.name, n.name) end) as thing,
       case when o.id is not null then jsonb_build_object('id', o.id, 'name', o.name) end as client,
       (array['view', 'download', 'contribute'])[e.level] as level, e.reason, e.begun_at, e.valid_until, e.ended_at, e.unread
  from e join person p on p.id = e.person_id join node n on n.id = e.project_id
  left join document d on d.id = e.document_id
  left join seen on seen.thing_id = coalesce(e.document_id, e.project_id)
  left join organisation o on o.id = n.client_id and o.id in (select known.id from known)
 order by e.begun_at desc, e.id desc

-- name: seen_projects
-- The second wall is opened for these, so that names of their documents can be read where the rule allows it.
select distinct e.project_id as id from emergencies($1) e

-- name: open
select id, person_id, project_id, document_id, grant_id from emergency_open($1, $2)

-- name: end
update emergency set ended_at = now(), ended_by = $2 where id = $1 and ended_at is null and valid_until > now()

-- name: read
update emergency_told set read_at = now()
 where person_id = $1 and read_at is null and ($2::uuid[] is null or emergency_id = any($2))

-- name: one
-- $2: the asker's level, already decided; $3: the asker
select d.*, $2::text as level, (d.version->>'no')::int as current_no, n.newest,
       exists (select from favourite f where f.person_id = $3 and f.document_id = d.id) as favourite,
       document_unread($3, d.id, d.project_id, d.version) as unread
  from document_shown d
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result, 'waits', v.waits,
                            'created_by_id', v.created_by) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 where d.id = $1

-- name: list
-- One page of a folder: the rule filters, so that a page is full of what may be seen. A row's lock costs 0.1 ms: only where
-- there may be one it is looked for.
select d.id, d.project_id, d.folder_id, d.name, d.created_at, d.created_by, d.version, d.tags, d.description, d.described_at, d.waits,
       case when d.folder_id <> $2 or here.locked
              or exists (select from access_lock l where l.document_id = d.id and l.made_by is not null) then d.lock end as lock,
       (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest,
       exists (select from favourite f where f.person_id = $1 and f.document_id = d.id) as favourite,
       document_unread($1, d.id, d.project_id, d.version) as unread
  from access_list($1, $2, now(), $3, $4, $5) a
  join document_shown d on d.id = a.id
 cross join (
   select exists (select from node f join access_lock l on l.thing_id = any(f.path) and l.made_by is not null and l.valid_until > now()
                   where f.id = $2) as locked) here
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result, 'waits', v.waits,
                            'created_by_id', v.created_by) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 order by d.name, d.id

-- name: sorted
-- A folder in another order or narrowed: all that may be seen of it is looked at. $3 sort, $4 whether downwards, $5 to $10
-- filters, $11 to $14 the place after which to go on.
with visible as materialized (
  select a.id, a.level from access_list($1, $2, now(), '', '00000000-0000-0000-0000-000000000000', 100000) a
),
keyed as materialized (
  select d.id, a.level, d.name,
         case $3::text when 'received' then extract(epoch from v.received_at) when 'size' then v.size else 0 end as place_number,
         case $3::text when 'type' then coalesce(v.detected_type, v.declared_type) when 'by' then coalesce(c.name, '') else '' end
           collate name_order as place_word
    from visible a
    join document d on d.id = a.id
    join version v on v.id = d.current_version_id
    left join person c on c.id = d.created_by
   where ($5::text is null or coalesce(v.detected_type, v.declared_type) ~ $5)
     and ($6::text is null or coalesce(v.detected_type, v.declared_type) !~ $6)
     and ($7::text is null or $7 = case when c.id is null then 'machine' when c.staff_role is null then 'client' else 'firm' end)
     and ($8::text is null or $8 = case when v.state in ('ready', 'held') then v.state else 'working' end)
     and ($16::text is null or exists (select from unnest(d.tags) t where lower(t) = lower($16)))
     and ($17::boolean is null or exists (select from favourite f where f.person_id = $1 and f.document_id = d.id))
     and ($18::boolean is null or document_unread($1, d.id, d.project_id, jsonb_build_object(
            'id', v.id, 'received_at', v.received_at, 'created_by', jsonb_build_object('id', v.created_by))))
     and ($9::timestamptz is null or v.received_at >= $9) and ($10::timestamptz is null or v.received_at < $10)
),
page as materialized (
  select k.*, row_number() over (order by
           case when not $4::boolean then k.place_number end, case when $4 then k.place_number end desc,
           case when not $4 then k.place_word end, case when $4 then k.place_word end desc,
           case when not $4 then k.name end, case when $4 then k.name end desc,
           case when not $4 then k.id end, case when $4 then k.id end desc) as place
    from keyed k
   where $11::numeric is null
      or case when $4 then (k.place_number, k.place_word, k.name, k.id) < ($11, $12::text, $13::text, $14::uuid)
                      else (k.place_number, k.place_word, k.name, k.id) > ($11, $12::text, $13::text, $14::uuid) end
   order by place limit $15
)
select d.id, d.project_id, d.folder_id, d.name, d.created_at, d.created_by, d.version, d.tags, d.description, d.described_at, d.waits,
       case when d.folder_id <> $2 or here.locked
              or exists (select from access_lock l where l.document_id = d.id and l.made_by is not null) then d.lock end as lock,
       (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest, a.place_number::text, a.place_word,
       exists (select from favourite f where f.person_id = $1 and f.document_id = d.id) as favourite,
       document_unread($1, d.id, d.project_id, d.version) as unread
  from page a
  join document_shown d on d.id = a.id
 cross join (
   select exists (select from node f join access_lock l on l.thing_id = any(f.path) and l.made_by is not null and l.valid_until > now()
                   where f.id = $2) as locked) here
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result, 'waits', v.waits,
                            'created_by_id', v.created_by) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 order by a.place

-- name: same_content
-- Groups of documents of a project whose current versions hold the same bytes, of those that the asker may see.
with twin as materialized (
  select d.id, v.sha256 from document d join version v on v.id = d.current_version_id
   where d.project_id = $2 and v.erased_at is null and v.sha256 in (
     select x.sha256 from version x join document y on y.current_version_id = x.id
      where y.project_id = $2 and x.sha256 is not null and x.size > 0 and ($3::uuid is null or x.document_id = $3)
      group by 1 having $3::uuid is not null or count(*) > 1)
)
select d.*, (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest,
       exists (select from favourite f where f.person_id = $1 and f.document_id = d.id) as favourite,
       document_unread($1, d.id, d.project_id, d.version) as unread
  from access_levels(array[$1::uuid], array(select twin.id from twin), now()) a
  join document_shown d on d.id = a.thing_id
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result, 'waits', v.waits,
                            'created_by_id', v.created_by) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 where a.level > 0 and ($3::uuid is null or d.id <> $3)
 order by d.version->>'sha256', d.id
 limit 1000

-- name: several
-- Those of these documents that the asker may see.
select d.*, (array['view', 'download', 'contribute', 'manage'])[a.level] as level,
       (d.version->>'no')::int as current_no, n.newest,
       exists (select from favourite f where f.person_id = $1 and f.document_id = d.id) as favourite,
       document_unread($1, d.id, d.project_id, d.version) as unread
  from access_levels(array[$1::uuid], $2::uuid[], now()) a
  join document_shown d on d.id = a.thing_id
 cross join lateral (
   select jsonb_build_object('no', v.no, 'state', v.state, 'scan_result', v.scan_result, 'waits', v.waits,
                            'created_by_id', v.created_by) as newest
     from version v where v.document_id = d.id order by v.no desc limit 1) n
 where a.level > 0

-- name: current
-- $2: the number of the version that is asked for; null: the current one.
select d.name, v.id as version_id, v.no, v.object_key, v.object_version_id, v.size, v.state, v.detected_type
  from document d join version v on v.document_id = d.id and (v.no = $2 or $2::int is null and v.id = d.current_version_id)
 where d.id = $1

-- name: versions
-- Before number $2, or all; newest first. $4: one alone.
select v.id, v.no, v.size, v.declared_type, v.detected_type, encode(v.sha256, 'hex') as sha256, v.state, v.scan_result,
       v.preview_result, v.page_count, (select count(*) from page p where p.version_id = v.id) as pages_ready,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as created_by, v.received_at,
       r.no as restored_no, v.waits,
       case when s.id is not null then jsonb_build_object('id', s.id, 'name', s.name) end as shown_by
  from version v
  left join person c on c.id = v.created_by
  left join version r on r.id = v.restored_from
  left join person s on s.id = v.shown_by
 where v.document_id = $1 and ($2::int is null or v.no < $2) and ($4::int is null or v.no = $4)
 order by v.no desc limit $3

-- name: pages
select p.no, p.width, p.height, p.text_key is not null as has_text
  from document d join page p on p.version_id = coalesce($2, d.current_version_id)
 where d.id = $1
 order by p.no

-- name: page
select p.no, p.image_key, p.thumbnail_key, p.text_key
  from document d join page p on p.version_id = coalesce($3, d.current_version_id)
 where d.id = $1 and p.no = $2

-- name: release
-- What the scan said stays: a released version is not a clean one.
update version v set state = $3, released_by = $2, released_at = now()
  from document d join node n on n.id = d.project_id
 where d.id = $1 and v.document_id = d.id and v.state = 'held'
   and (v.no = $4 or $4::int is null and v.id = d.current_version_id)
returning v.id, v.project_id, v.scan_result, coalesce(n.client_id, n.id)::text as fairness_key

-- name: add_job
select job_add($1, jsonb_build_object('version_id', $2::uuid, 'project_id', $3::uuid), $4, $2::text)

-- name: opened
-- Of people only: whoever sees as somebody else leaves their marks alone.
insert into opened (person_id, document_id, project_id, version_id)
select p.id, $2, $3, $4 from person p where p.id = $1
on conflict (person_id, document_id) do update set version_id = excluded.version_id, at = now()

-- name: ticket
insert into delivery (version_id, document_id, project_id, person_id, link_id, size)
select v.id, v.document_id, v.project_id, $2, $3, v.size from version v where v.id = $1
returning ticket

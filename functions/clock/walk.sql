-- name: begin
insert into reconciliation (place) values ($1) on conflict do nothing

-- name: open
select id, begun_at, place from reconciliation where ended_at is null

-- name: advance
-- Nothing when another one has gone on from there meanwhile.
update reconciliation
   set place = $3::jsonb, ended_at = case when $3::jsonb is null then now() end,
       objects = objects + coalesce(($4::jsonb->>'objects')::int, 0),
       versions = versions + coalesce(($4::jsonb->>'versions')::int, 0),
       inbox_rows = inbox_rows + coalesce(($4::jsonb->>'inbox_rows')::int, 0),
       redrawn = redrawn + coalesce(($4::jsonb->>'redrawn')::int, 0),
       acts = acts + coalesce(($4::jsonb->>'acts')::int, 0),
       dangling = dangling + coalesce(($4::jsonb->>'dangling')::int, 0),
       orphans = orphans + coalesce(($4::jsonb->>'orphans')::int, 0),
       drops = drops + coalesce(($4::jsonb->>'drops')::int, 0),
       leftovers = leftovers + coalesce(($4::jsonb->>'leftovers')::int, 0),
       findings = case when jsonb_array_length(findings) >= 50 then findings
                       else jsonb_path_query_array(findings || $5::jsonb, '$[0 to 49]') end
 where id = $1 and place = $2::jsonb
returning inbox_rows, redrawn, acts, dangling, orphans, drops, leftovers

-- name: unmet
-- Versions whose object the listing does not have between two keys.
select v.id, v.project_id, v.document_id, v.object_key, v.object_version_id
  from version v
 where v.object_key > $1 and ($2::text is null or v.object_key <= $2) and v.erased_at is null
   and v.object_key || ' ' || v.object_version_id <> all($3::text[])
 order by v.object_key limit 101

-- name: noticed
select from incident
 where kind = 'object_missing' and detail->>'key' = $1 and detail->>'object_version_id' = $2 limit 1

-- name: orphans
-- Heard of long enough ago, and no version's: none ever was, or it was erased. What may still become one is none.
select s.key
  from unnest($1::text[], $2::text[], $3::uuid[]) s (key, object_version_id, version_id)
  join inbox i on i.bucket = 'portico-documents' and i.key = s.key and i.object_version_id = s.object_version_id
              and i.kind = 'created' and i.received_at < now() - interval '1 hour'
 where not exists (
   select from version v
    where v.object_key = s.key and v.object_version_id = s.object_version_id
      and (v.erased_at is null or v.erased_at > now() - interval '1 day'))
   and not exists (select from upload u where u.version_id = s.version_id and u.state = 'open')
   and not exists (
     select from job j
      where j.kind = 'arrive' and j.state in ('ready', 'active') and j.unique_key = s.key || ' ' || s.object_version_id)

-- name: orphan_drops
select s.key
  from unnest($1::text[], $2::text[]) s (key, object_version_id)
  join inbox i on i.bucket = 'portico-drops' and i.key = s.key and i.object_version_id = s.object_version_id
              and i.kind = 'created' and i.received_at < now() - interval '1 hour'
 where s.key not like '%/'
   and not exists (
     select from version v
      where v.drop_key = s.key and v.drop_object_version_id = s.object_version_id
        and (v.erased_at is null or v.erased_at > now() - interval '1 day'))
   and not exists (
     select from job j
      where j.kind = 'adopt' and j.state in ('ready', 'active') and j.unique_key = s.key || ' ' || s.object_version_id)

-- name: leftovers
-- Files of pages that no page names, unless pages of their version are just being drawn.
with mine as materialized (
  select unnest(array[p.image_key, p.thumbnail_key, p.text_key]) as key
    from page p where p.version_id in (select unnest($2::uuid[]))
)
select count(*)::int as n
  from unnest($1::text[], $2::uuid[]) s (key, version_id)
 where not exists (select from mine where mine.key = s.key)
   and not exists (
     select from job j
      where j.kind = 'preview' and j.state in ('ready', 'active')
        and j.unique_key in (s.version_id::text, 'again:' || s.version_id))

-- name: undrawn
-- Versions with files of pages that the listing does not have between two keys.
select distinct p.version_id as id, v.project_id, coalesce(n.client_id, n.id)::text as fairness_key
  from page p
  join version v on v.id = p.version_id
  join node n on n.id = v.project_id
 cross join lateral unnest(array[p.image_key, p.thumbnail_key, p.text_key]) k (key)
 where p.version_id between $1 and $2 and k.key > $3 and ($4::text is null or k.key <= $4)
   and k.key <> all($5::text[]) and v.state = 'ready' and v.erased_at is null
 order by p.version_id limit 101

-- name: versions_after
select id from version where id > $1 order by id limit 1000

-- name: half_drawn
select v.id, v.project_id, coalesce(n.client_id, n.id)::text as fairness_key
  from version v
  join node n on n.id = v.project_id
 where v.id = any($1::uuid[]) and v.state = 'ready' and v.erased_at is null and v.preview_result = 'complete'
   and (select count(*) from page p where p.version_id = v.id) < v.page_count

-- name: unwritten
-- What the database says and the log does not: how a version came, and that its document was erased.
select 'received' as missing, v.id as subject_id, v.project_id, v.document_id, v.received_at as at, v.size
  from version v
 where v.id = any($1::uuid[])
   and not exists (
     select from audit a where a.document_id = v.document_id and a.subject_id = v.id and a.action = any($2::text[]))
union all
select 'erased', v.document_id, v.project_id, v.document_id, min(v.erased_at), sum(v.size)::bigint
  from version v
 where v.id = any($1::uuid[]) and v.erased_at < now() - interval '1 hour'
   and not exists (
     select from audit a
      where a.document_id = v.document_id and a.subject_id = v.document_id
        and a.action in ('document.erased', 'log.completed'))
 group by v.document_id, v.project_id

-- name: again
select job_add('preview', jsonb_build_object('version_id', $1::uuid, 'project_id', $2::uuid, 'again', true), $3::text,
               'again:' || $1)

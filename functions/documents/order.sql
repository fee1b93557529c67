-- name: things
-- What the asker sees of these documents and folders of one project. `unlocked`: as if no lock were there.
select x.id, x.kind, x.name, x.place_id, x.own, (array['none', 'view', 'download', 'contribute', 'manage'])[a.level + 1] as level,
       (array['none', 'view', 'download', 'contribute', 'manage'])[a.unlocked + 1] as unlocked
  from access_levels(array[$1::uuid], $3::uuid[], now()) a
  join lateral (
    select d.id, 'document' as kind, d.name, d.folder_id as place_id, d.created_by is not distinct from $1 as own
      from document d where d.id = a.thing_id and d.project_id = $2
    union all
    select n.id, 'folder', n.name, n.parent_id, false
      from node n where n.id = a.thing_id and n.project_id = $2 and n.kind = 'folder') x on true

-- name: ceilings
-- What locks that people set leave of these things by now, whether or not these lie in the trash: 0 nothing, 1 view.
with t as (
  select n.id, n.path, null::timestamptz as uploaded_at, null::timestamptz as changed_at, false as is_document
    from node n where n.id = any($1::uuid[])
  union all
  select d.id, n.path || d.id, d.created_at, d.changed_at, true
    from document d join node n on n.id = d.folder_id where d.id = any($1::uuid[])
)
select t.id, (array['none', 'view'])[min(case when l.hides then 0 else 1 end) + 1] as level
  from t join access_lock l on l.thing_id = any(t.path)
 where l.made_by is not null and now() < l.valid_until and now() >= lock_begins(l, t.uploaded_at, t.changed_at)
   and (l.counts_from is null
        or t.is_document and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.id))
 group by t.id

-- name: lock
-- Before their folders' names are looked at, as arrival does it: two transactions never wait for each other in a circle.
select d.id from document d where d.id = any($1::uuid[]) order by d.id for no key update

-- name: rename_document
update document set name = $2 where id = $1

-- name: rename_folder
update node set name = $2 where id = $1

-- name: move_document
update document set folder_id = $2, name = $3 where id = $1

-- name: move_folder
update node set parent_id = $2, name = $3 where id = $1

-- name: inside
-- Whether a folder is another, or lies in it.
select $2::uuid = any(n.path) as inside from node n where n.id = $1

-- name: throw_away
-- Nothing when it is there already.
with free as (
  select where not exists (select from trash t where t.thing_id = $1 and t.restored_at is null)
),
made as (
  insert into access_lock (node_id, document_id, hides, valid_from)
  select case when $2 = 'folder' then $1::uuid end, case when $2 = 'document' then $1::uuid end, true, now() from free
  returning id
)
insert into trash (thing_id, project_id, lock_id, by_id) select $1, $3, made.id, $4 from made

-- name: take_out
with found as (
  update trash t set restored_at = now()
   where t.thing_id = $1 and t.restored_at is null and t.emptied_at is null returning t.lock_id
)
update access_lock l set valid_until = greatest(now(), l.valid_from + interval '1 microsecond') from found where l.id = found.lock_id

-- name: empty
-- Nothing when it does not lie there, or is gone already.
update trash set emptied_at = now(), emptied_by = $2 where thing_id = $1 and restored_at is null and emptied_at is null

-- name: gone
-- What is gone for good, of things that the asker would manage if they were there.
select t.thing_id as id, case when d.id is null then 'folder' else 'document' end as kind, coalesce(d.name, n.name) as name,
       case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name) end as by, t.emptied_at as at,
       (select encode(v.sha256, 'hex') from version v where v.id = d.current_version_id) as sha256
  from access_levels(array[$1::uuid], array(
         select t.thing_id from trash t where t.project_id = $2 and t.emptied_at is not null
          order by t.emptied_at desc limit 100), now()) a
  join trash t on t.thing_id = a.thing_id and t.emptied_at is not null
  left join person p on p.id = t.emptied_by
  left join document d on d.id = t.thing_id
  left join node n on n.id = t.thing_id
 where a.unlocked >= 4
 order by t.emptied_at desc, t.id

-- name: trash
select t.thing_id as id, case when d.id is null then 'folder' else 'document' end as kind, coalesce(d.name, n.name) as name,
       jsonb_build_object('id', p.id, 'name', p.name) as by, t.at, t.at + interval '30 days' as until,
       (array['none', 'view', 'download', 'contribute', 'manage'])[a.unlocked + 1] as level,
       d.created_by is not distinct from $1 as own
  from access_levels(array[$1::uuid],
         array(select t.thing_id from trash t where t.project_id = $2 and t.restored_at is null and t.emptied_at is null), now()) a
  join trash t on t.thing_id = a.thing_id and t.restored_at is null and t.emptied_at is null
  join person p on p.id = t.by_id
  left join document d on d.id = t.thing_id
  left join node n on n.id = t.thing_id
 where a.unlocked > 0
 order by t.id desc
 limit 1000

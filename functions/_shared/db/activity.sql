-- name: of_project
select seq from audit where project_id = $1 and seq < $2 order by seq desc limit $3

-- name: of_document
select seq from audit where document_id = $1 and seq < $2 order by seq desc limit $3

-- name: of_firm
select seq from audit where $1::uuid is null and seq < $2 order by seq desc limit $3

-- name: of_filter
-- Whoever reads all of the log narrows it; a condition that is null does not count.
select seq
  from audit
 where ($1::uuid is null or project_id = $1) and seq < $2
   and ($4::uuid is null or actor_id = $4)
   and ($5::text[] is null or action = any($5))
   and ($6::timestamptz is null or at >= $6)
   and ($7::timestamptz is null or at < $7)
 order by seq desc limit $3

-- name: acts
-- Each act with the reader's level on the thing that decides who may see it.
with placed as materialized (
  select a.seq, a.at, a.action, a.actor_id, a.project_id, a.document_id, a.subject_id, f.facts,
         case when a.action in ('folder.created', 'upload.started') then a.subject_id
              when a.action in ('grant.given', 'grant.changed', 'grant.taken', 'access.closed', 'access.opened', 'lock.set', 'lock.lifted',
                                'lock.coming', 'four_eyes.changed') then (f.facts->>'thing_id')::uuid
              else coalesce(a.document_id, a.project_id) end as thing_id
    from audit a
   cross join lateral (select convert_from(a.body, 'UTF8')::jsonb->'facts' as facts) f
   where a.seq = any($2::bigint[])
),
level as materialized (
  select l.thing_id, l.level, l.others
    from access_levels(array[$1::uuid], array(select distinct p.thing_id from placed p where p.thing_id is not null), now()) l
)
select p.seq, p.at, p.action, p.actor_id, p.project_id, p.document_id, p.subject_id, p.facts,
       -- What waits for its release, what others put into a drop folder, and who they are, is not told of by its acts either.
       case when access_kept($1, p.subject_id) then 0
            when p.action like any (array['grant.%', 'guest.%']) and p.subject_id is distinct from $1
              then coalesce(l.others, l.level, 0)
            when p.action <> 'upload.started' then coalesce(l.level, 0)
            when access_sees_waiting($1)
              or not exists (select from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = p.subject_id)
              then coalesce(l.others, l.level, 0)
            else 0 end as level,
       coalesce(actor.name, link.recipient) as actor_name, actor.staff_role is not null as actor_is_staff,
       coalesce(p.project_id = any(me.projects), false) as as_guest
  from placed p
  left join level l on l.thing_id = p.thing_id
  left join person actor on actor.id = p.actor_id
  left join link on link.id = p.actor_id
 cross join (select guest_projects($1) as projects) me
 order by p.seq desc

-- name: documents
select d.id, d.name
  from document d join access_levels(array[$1::uuid], $2::uuid[], now()) l on l.thing_id = d.id
 where l.level > 0

-- name: subjects
select p.id, p.name from person p where p.id = any($2::uuid[])
union all
select o.id, o.name from organisation o where o.id = any($2::uuid[])
union all
select g.id, g.name from groups g where g.id = any($2::uuid[])
union all
select n.id, n.name
  from node n join access_levels(array[$1::uuid], array(select x.id from node x where x.id = any($2::uuid[])), now()) l
    on l.thing_id = n.id
 where l.level > 0

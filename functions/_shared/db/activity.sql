-- name: slice
-- $1 who reads, $2 project or null, $3 document or null, $4 the number before which to read, $5 how many. Each act has
-- the thing that decides who may see it.
with slice as materialized (
  select a.seq, a.at, a.action, a.actor_id, a.project_id, a.document_id, a.subject_id,
         convert_from(a.body, 'UTF8')::jsonb->'facts' as facts
    from audit a
   where ($2::uuid is null or a.project_id = $2) and ($3::uuid is null or a.document_id = $3)
     and a.seq < $4
   order by a.seq desc limit $5
),
placed as materialized (
  select s.*,
         case when s.action in ('folder.created', 'upload.started') then s.subject_id
              when s.action in ('grant.given', 'grant.taken') then (s.facts->>'thing_id')::uuid
              else coalesce(s.document_id, s.project_id) end as thing_id
    from slice s
),
level as materialized (
  select l.thing_id, l.level
    from access_levels(array[$1::uuid], array(select distinct p.thing_id from placed p where p.thing_id is not null), now()) l
)
select p.seq, p.at, p.action, p.actor_id, p.project_id, p.document_id, p.subject_id, p.facts,
       coalesce(l.level, 0) as level,
       actor.name as actor_name, actor.staff_role is not null as actor_is_staff
  from placed p
  left join level l on l.thing_id = p.thing_id
  left join person actor on actor.id = p.actor_id
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

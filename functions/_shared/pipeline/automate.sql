-- name: mark
-- What is older than every living rule need not be read: the log may be long when the first one is made.
select greatest((m.data->>'seq')::bigint, (select min(r.from_seq) from automation r where r.active and r.ended_at is null)) as seq
  from clock_mark m where m.name = 'automations' for update of m

-- name: next
-- Up to where the log is read now; null when nothing is new. Numbers have no gaps and their order is commit order.
select max(seq) as seq from (select seq from audit where seq > $1 order by seq limit 1000) a

-- name: set_mark
update clock_mark set at = now(), data = jsonb_build_object('seq', $1::bigint) where name = 'automations'

-- name: begin
-- What happened from $1 (exclusive) to $2, once for each rule that waits for it; what a rule did itself is not among it.
with act as materialized (
  select a.seq, a.action, a.document_id, a.subject_id from audit a
   where a.seq > $1 and a.seq <= $2 and a.action = any($3)
     and not exists (select from automation r
                      where r.key_id::text = convert_from(a.body, 'UTF8')::jsonb->'facts'->>'key_id')
),
happened as materialized (
  select act.seq, 'arrives' as what, d.id as document_id, v.id as version_id
    from act join version v on v.id = act.subject_id join document d on d.id = v.document_id
   where act.action in ('document.received', 'document.adopted')
  union
  select act.seq, 'ready', d.id, v.id
    from act join version v on v.id = act.subject_id and v.state = 'ready' join document d on d.id = v.document_id
   where act.action in ('version.ready', 'version.not_previewed', 'version.shown') and not v.waits
  union
  select act.seq, 'link_opened', d.id, d.current_version_id
    from act join access_grant g on g.link_id = act.subject_id join document d on d.id = g.thing_id
   where act.action = 'link.opened'
),
begun as (
  insert into automation_run (automation_id, project_id, document_id, version_id, cause)
  select r.id, d.project_id, d.id, h.version_id, h.seq
    from happened h
    join document d on d.id = h.document_id
    join node n on n.id = d.folder_id
    join automation r on r.happens = h.what and r.active and r.ended_at is null and h.seq > r.from_seq
                     and (r.place_id is null or r.place_id = any(n.path))
  on conflict do nothing
  returning id, automation_id, project_id
)
select job_add('automate', jsonb_build_object('run_id', b.id, 'automation_id', b.automation_id, 'project_id', b.project_id),
               coalesce(p.client_id, p.id)::text, b.id::text)
  from begun b join node p on p.id = b.project_id

-- name: begin_old
-- Documents whose day has come, of those that arrived after the rule was last written.
with begun as (
  insert into automation_run (automation_id, project_id, document_id, version_id, cause)
  select r.id, d.project_id, d.id, d.current_version_id, 0
    from automation r
    join document d on d.created_at between r.changed_at and now() - make_interval(days => r.age_days)
    join node n on n.id = d.folder_id and (r.place_id is null or r.place_id = any(n.path))
   where r.happens = 'age' and r.active and r.ended_at is null
     and not exists (select from automation_run x where x.automation_id = r.id and x.document_id = d.id and x.cause = 0)
   limit 1000
  on conflict do nothing
  returning id, automation_id, project_id
)
select job_add('automate', jsonb_build_object('run_id', b.id, 'automation_id', b.automation_id, 'project_id', b.project_id),
               coalesce(p.client_id, p.id)::text, b.id::text)
  from begun b join node p on p.id = b.project_id

-- name: end
update automation_run set state = $2, steps = $3, ended_at = now() where id = $1 and state = 'waiting'
returning automation_id, project_id, document_id, cause

-- name: forget
-- Of documents that were not meant nobody wants to know.
delete from automation_run where state = 'not_meant' and at < now() - interval '1 day' and cause <> 0

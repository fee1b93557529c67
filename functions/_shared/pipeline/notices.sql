-- name: mark
select (data->>'seq')::bigint as seq from clock_mark where name = 'notices' for update

-- name: next
-- Up to where the log is read now; null when nothing is new. Numbers have no gaps and their order is commit order.
select max(seq) as seq from (select seq from audit where seq > $1 order by seq limit 1000) a

-- name: set_mark
update clock_mark set at = now(), data = jsonb_build_object('seq', $1::bigint) where name = 'notices'

-- name: told
-- Whom the acts from $1 (exclusive) to $2 are told: whoever may see the thing now, never whose act it was. $3: which acts.
-- Documents without a say of their own have their folder's answer: 1,000 files of a folder are one question.
with act as materialized (
  select a.seq, a.action, a.actor_id, a.project_id, a.document_id, a.subject_id,
         convert_from(a.body, 'UTF8')::jsonb->'facts' as facts
    from audit a where a.seq > $1 and a.seq <= $2 and a.action = any($3)
),
document_act as materialized (
  select distinct d.id as thing_id, d.project_id, v.created_by as by_id,
         case when v.no > 1 then 'version' else 'document' end as kind,
         v.waits, act.action = 'version.shown' as shown,
         case when d.own_scope or d.waits or access_apart(d.folder_id) then d.id else d.folder_id end as place_id
    from act join version v on v.id = act.subject_id join document d on d.id = v.document_id
   where act.action in ('version.ready', 'version.not_previewed', 'version.shown') and v.state = 'ready'
),
audience as materialized (
  select place.id as place_id, w.who
    from (select distinct place_id as id from document_act) place
   cross join lateral access_who(place.id, now()) w
   where w.level > 0
),
grant_act as materialized (
  select distinct (act.facts->>'thing_id')::uuid as thing_id, act.project_id, act.actor_id as by_id, p.id as who
    from act
    join person p on p.id = act.subject_id
      or p.id in (select m.person_id from membership m left join group_nesting n on n.inner_id = m.group_id
                   where act.subject_id in (m.container_id, n.outer_id) and now() >= m.valid_from and now() < m.valid_until)
   where act.action = 'grant.given' and act.project_id is not null and (act.facts->>'allows')::boolean
),
-- A comment that speaks to somebody is told to them, any other to all who may see what it is about.
comment_act as materialized (
  select distinct c.id, c.project_id, c.author_id as by_id, c.documents, c.mentions
    from act join comment c on c.id = act.subject_id
   where act.action = 'comment.written' and c.taken_back_at is null
),
comment_audience as (
  select c.id, w.who
    from comment_act c cross join lateral unnest(c.documents) thing cross join lateral access_who(thing, now()) w
   where w.level > 0 and (c.mentions = '{}' or w.who = any(c.mentions))
   group by c.id, c.documents, w.who having count(*) = cardinality(c.documents)
),
link_act as materialized (
  -- A wish to renew is the business of its maker, in whose name the link speaks, and of the maker's deputies.
  select distinct w.who, act.project_id, g.thing_id
    from act join link l on l.id = act.subject_id join access_grant g on g.link_id = l.id
   cross join lateral (
     select l.made_by as who
     union
     select d from doers_of(l.made_by, now()) d
      where (select a.level > 0 from access_levels(array[d], array[g.thing_id], now()) a)) w
   where act.action = 'link.renewal_asked'
),
guest_act as materialized (
  -- That a stay ends is the business of its sponsor and the sponsor's deputies; of one who has gone that of the firm's people who manage the project.
  select distinct w.who, act.project_id
    from act join person s on s.id = (act.facts->>'sponsor_id')::uuid
   cross join lateral (
     select s.id as who where now() < s.valid_until
     union
     select d from doers_of(s.id, now()) d
      where now() < s.valid_until and (select a.level > 0 from access_levels(array[d], array[act.project_id], now()) a)
     union all
     select a.who from access_who(act.project_id, now()) a join person p on p.id = a.who
      where now() >= s.valid_until and a.level = 4 and p.staff_role is not null) w
   where act.action in ('guest.ending', 'guest.without_sponsor')
),
lock_act as materialized (
  -- A lock that comes is told to whoever loses by it, and so to all who manage.
  select distinct act.project_id, (act.facts->>'thing_id')::uuid as thing_id, l.hides
    from act join access_lock l on l.id = (act.facts->>'lock_id')::uuid and l.valid_until > now()
   where act.action = 'lock.coming'
),
archive_act as materialized (
  -- Told of as the project's, which its maker must still see: the ZIP itself is no thing of the rule's.
  select distinct z.person_id as who, act.project_id, case act.action when 'archive.ready' then 'archive' else 'archive_failed' end as kind
    from act join archive z on z.id = act.subject_id
   where act.action in ('archive.ready', 'archive.failed')
),
automation_act as materialized (
  -- Whoever a rule is to tell, and its maker when it failed.
  select distinct act.document_id as thing_id, act.project_id, w.who, w.kind
    from act join automation r on r.id = act.subject_id
   cross join lateral (
     select x.id::uuid as who, 'rule' as kind
       from jsonb_array_elements(r.actions) a cross join lateral jsonb_array_elements_text(a->'people') x(id)
      where a->>'do' = 'notify' and act.facts->>'acts' like '%notify:done%'
     union
     select r.made_by, 'rule_failed' where act.facts->>'state' = 'failed') w
   where act.action = 'automation.ran'
),
told as (
  select a.who as person_id, c.project_id, 'comment' as kind, unnest(c.documents) as thing_id
    from comment_act c join comment_audience a on a.id = c.id
   where a.who <> c.by_id
  union
  select audience.who as person_id, d.project_id, d.kind, d.thing_id
    from document_act d join audience on audience.place_id = d.place_id
   where audience.who is distinct from d.by_id
     -- What waits is told to the firm, and to everybody else when it is released.
     and case when access_sees_waiting(audience.who) then not d.shown else not d.waits end
  union
  select g.who, g.project_id, 'access', g.thing_id
    from grant_act g
   where g.who is distinct from g.by_id
     and (select l.level > 0 from access_levels(array[g.who], array[g.thing_id], now()) l)
  union
  select k.who, k.project_id, 'renewal', k.thing_id from link_act k
  union
  select z.who, z.project_id, z.kind, z.project_id from archive_act z
  union
  select a.who, a.project_id, a.kind, a.thing_id
    from automation_act a
   where (select l.level > 0 from access_levels(array[a.who], array[a.thing_id], now()) l)
  union
  select g.who, g.project_id, 'guest', g.project_id from guest_act g
  union
  select w.who, k.project_id, 'lock', k.thing_id
    from lock_act k cross join lateral access_who(k.thing_id, now()) w
   where w.level > case when k.hides then 0 else 1 end
)
select t.person_id, t.project_id, t.kind, array_agg(t.thing_id) as things,
       coalesce(own.pace, general.pace, 'at_once') as pace, coalesce(p.time_zone, f.time_zone) as time_zone,
       -- An invitation to somebody who is here already is a mail of its own; so is a wish to renew.
       t.kind = 'renewal' or t.kind = 'access' and exists (
         select from job j where j.kind = 'notify' and j.unique_key = 'access:' || t.person_id
                             and j.created_at > now() - interval '5 minutes') as mailed_already
  from told t
  join person p on p.id = t.person_id
 cross join firm f
  left join notice_setting own on own.person_id = t.person_id and own.project_id = t.project_id
  left join notice_setting general on general.person_id = t.person_id and general.project_id is null
 group by t.person_id, t.project_id, t.kind, own.pace, general.pace, p.time_zone, f.time_zone
 order by t.person_id, t.project_id, t.kind

-- name: tell
-- What comes within ten minutes is one entry, unless it has been read or is on its way by mail.
with open as (
  select n.id from notice n
   where n.person_id = $1 and n.project_id = $2 and n.kind = $3 and n.read_at is null and n.mail_job is null
     and n.created_at > now() - interval '10 minutes'
   order by n.created_at desc limit 1 for update
),
added as (
  update notice n
     set things = array(select unnest(n.things) union select unnest($4::uuid[])), last_at = date_trunc('milliseconds', now()),
         mail_at = coalesce(n.mail_at, $5::timestamptz)
    from open where n.id = open.id returning n.id
)
insert into notice (person_id, project_id, kind, things, mail_at)
select $1, $2, $3, $4, $5 where not exists (select from added)

-- name: claim
-- What the mail will be about, once: tried again, it says the same.
update notice set mail_job = $1
 where person_id = $2 and mail_at <= now() and mail_job is null
   and not exists (select from notice held where held.mail_job = $1)

-- name: recipient
select p.email, p.locale, coalesce(p.time_zone, f.time_zone) as time_zone, f.name as firm, f.imprint
  from person p cross join firm f
 where p.id = $1 and now() >= p.valid_from and now() < p.valid_until and person_joined(p.id)

-- name: news
-- What of it the person may see now, has not read and still wants by mail.
with mine as materialized (
  select n.id, n.project_id, n.kind, n.things from notice n
    left join notice_setting own on own.person_id = n.person_id and own.project_id = n.project_id
    left join notice_setting general on general.person_id = n.person_id and general.project_id is null
   where n.mail_job = $1 and n.read_at is null and coalesce(own.pace, general.pace, 'at_once') <> 'off'
),
thing as (select distinct m.project_id, m.kind, t.id from mine m cross join unnest(m.things) t(id)),
seen as (
  select l.thing_id from access_levels(array[$2::uuid], array(select distinct thing.id from thing), now()) l
   where l.level > 0
)
select thing.project_id, thing.kind, thing.id as thing_id from thing join seen on seen.thing_id = thing.id

-- name: mailed
update notice set mailed_at = now() where mail_job = $1

-- name: not_mailed
update notice set mail_at = null where mail_job = $1

-- name: inbox
-- $2, $3: the place after which to go on; $4 how many. Entries of which nothing is left to be seen are not there.
with page as materialized (
  select n.id, n.project_id, n.kind, n.things, n.last_at, n.read_at
    from notice n
   where n.person_id = $1 and ($2::timestamptz is null or (n.last_at, n.id) < ($2::timestamptz, $3::uuid))
   order by n.last_at desc, n.id desc limit $4
),
seen as materialized (
  select l.thing_id
    from access_levels(array[$1::uuid], array(select distinct unnest(page.things) from page), now()) l
   where l.level > 0
)
select page.id, page.kind, page.last_at, page.read_at is not null as read,
       jsonb_build_object('id', p.id, 'name', p.name) as project, visible.count, visible.documents
  from page
  join node p on p.id = page.project_id
 cross join lateral (
   select count(*)::int as count,
          coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name) order by d.name)
                      from (select d.id, d.name from document d
                             where d.id = any(page.things) and d.id in (select seen.thing_id from seen)
                             order by d.name, d.id limit 3) d), '[]') as documents
     from seen where seen.thing_id = any(page.things)) visible
 order by page.last_at desc, page.id desc

-- name: unread
with newest as materialized (
  select n.id, n.things from notice n where n.person_id = $1 and n.read_at is null limit 100
),
seen as materialized (
  select l.thing_id
    from access_levels(array[$1::uuid], array(select distinct unnest(newest.things) from newest), now()) l
   where l.level > 0
)
select ((select count(*) from newest where exists (select from seen where seen.thing_id = any(newest.things)))
        + (select count(*) from emergency_told t join person p on p.id = t.person_id
            where t.person_id = $1 and t.read_at is null and p.staff_role = 'administrator')
        + (select count(*) from deputies_told($1))
        + (select count(*) from webhook w join person p on p.id = $1
            where w.state in ('resting', 'gone') and w.ended_at is null and p.id = any(w.told_to)
              and p.staff_role = 'administrator'))::int as unread

-- name: read
update notice set read_at = now()
 where person_id = $1 and read_at is null and ($2::uuid[] is null or id = any($2))

-- name: settings
select s.project_id, s.pace from notice_setting s where s.person_id = $1

-- name: set_pace
insert into notice_setting (person_id, project_id, pace) values ($1, $2, $3)
on conflict (person_id, project_id) do update set pace = excluded.pace

-- name: forget_pace
delete from notice_setting where person_id = $1 and project_id = $2

-- name: unsubscribe
select notice_unsubscribe($1)

-- name: person
select id from person where id = $1

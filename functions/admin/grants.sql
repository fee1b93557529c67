-- name: one_at_a_time
-- Changes of a tree and its grants come one after the other per project; for the firm's own, one after the other in all.
select from node where id = coalesce($1, (select node_id from firm)) for no key update

-- name: grants
-- Every grant that speaks on the thing: its own, and those of things above it as far as the asker may see them.
with t as (
  select n.path, n.cut from node n where n.id = $2
  union all
  select n.path || d.id, n.cut from document d join node n on n.id = d.folder_id where d.id = $2
), stop as (
  select s.id, s.place from t, unnest(t.path) with ordinality s(id, place) where s.place >= t.cut
), seen as (
  select stop.* from stop join access_levels(array[$1::uuid], array(select stop.id from stop), now()) a
    on a.thing_id = stop.id
   where a.level > 0 or stop.id = $2
)
select g.id, g.level, g.allows, g.own_only, g.note, g.created_at,
       nullif(g.valid_from, '-infinity') as valid_from, nullif(g.valid_until, 'infinity') as valid_until,
       jsonb_build_object('id', seen.id, 'kind', coalesce(n.kind, 'document'), 'name', coalesce(n.name, d.name)) as thing,
       jsonb_build_object('id', g.principal_id, 'name', coalesce(p.name, gr.name, o.name), 'kind',
         case when g.person_id is not null then 'person' when g.group_id is not null then 'group' else 'organisation' end)
         as principal,
       case when b.id is not null then jsonb_build_object('id', b.id, 'name', b.name) end as given_by
  from seen join access_grant g on g.thing_id = seen.id
  left join node n on n.id = seen.id
  left join document d on d.id = seen.id
  left join person p on p.id = g.person_id
  left join groups gr on gr.id = g.group_id
  left join organisation o on o.id = g.organisation_id
  left join person b on b.id = g.given_by
 where g.link_id is null and ($3::uuid is null or g.id = $3)
 order by seen.place desc, g.rank, g.created_at, g.id

-- name: known_principal
-- Whom the asker may name: whom they may know of, and whoever has been given something on this thing already.
select $3::uuid as id
 where case $2
         when 'person' then exists (select from directory_people($1, now()) d where d.id = $3)
         when 'organisation' then exists (select from directory_organisations($1, now()) d where d.id = $3)
         else exists (select from groups g join person p on p.id = $1 and p.staff_role is not null
                      where g.id = $3 and g.ended_at is null)
       end
    or exists (select from access_grant g, lateral (
                 select n.path from node n where n.id = $4
                 union all
                 select n.path || d.id from document d join node n on n.id = d.folder_id where d.id = $4) t
                where g.principal_id = $3 and g.thing_id = any(t.path))

-- name: same_grant
select id from access_grant
 where thing_id = $1 and principal_id = $2 and level = $3 and allows = $4
   and own_only = $7 and valid_from = coalesce($5::timestamptz, '-infinity') and valid_until = coalesce($6::timestamptz, 'infinity')

-- name: insert_grant
insert into access_grant (person_id, group_id, organisation_id, node_id, document_id, level, allows, valid_from, valid_until,
                          note, given_by, own_only)
values ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, '-infinity'), coalesce($9::timestamptz, 'infinity'), $10, $11, $12)
returning id

-- name: preview_added
select a.who, p.name as who_name, a.thing_id, a.before, a.after,
       coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name, '') as thing_name
  from access_preview(jsonb_populate_record(null::access_grant, $1), null, greatest(now(), $2::timestamptz)) a
  join person p on p.id = a.who
  left join node n on n.id = a.thing_id
  left join document d on d.id = a.thing_id
 where a.before <> a.after
 order by p.name, a.who, a.thing_id

-- name: preview_removed
select a.who, p.name as who_name, a.thing_id, a.before, a.after,
       coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name, '') as thing_name
  from access_preview(null, $1, now()) a
  join person p on p.id = a.who
  left join node n on n.id = a.thing_id
  left join document d on d.id = a.thing_id
 where a.before <> a.after
 order by p.name, a.who, a.thing_id

-- name: unmanaged
-- Of these things the ones that nobody would manage any more; asked after the change, in its transaction.
select t.id from unnest($1::uuid[]) t(id)
 where not exists (select from access_who(t.id, greatest(now(), $2::timestamptz)) w join person p on p.id = w.who
                    where w.unlocked = 4)

-- name: find_grant
select id, thing_id, level, allows, own_only, principal_id,
       case when person_id is not null then 'person' when group_id is not null then 'group' else 'organisation' end
         as principal_kind,
       nullif(valid_from, '-infinity') as valid_from, nullif(valid_until, 'infinity') as valid_until
  from access_grant
 where id = $1 and link_id is null

-- name: delete_grant
delete from access_grant where id = $1 returning id

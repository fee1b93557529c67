-- name: one_at_a_time
-- Changes of a tree and its grants come one after the other per project; for the firm's own, one after the other in all.
select from node where id = coalesce($1, (select node_id from firm)) for no key update

-- name: grants
-- The grants that speak on the thing ($2), the nearest first: its own, and those of things above it as far as the asker ($1)
-- may see them, or would manage them without locks. $3: one of them; $4: part of a name; $5, $6, $7: after this place, name and id; $8: so many.
with t as (select a.path, a.cut from access_path($2) a),
stop as (
  select s.id, s.place from t, unnest(t.path) with ordinality s(id, place) where s.place >= t.cut
), seen as materialized (
  select stop.* from stop join access_levels(array[$1::uuid], array(select stop.id from stop), now()) a
    on a.thing_id = stop.id
   where a.level > 0 or a.unlocked = 4 or stop.id = $2
), found as materialized (
  select g.*, -seen.place as far, coalesce(p.name, gr.name, o.name) as name,
         case when g.person_id is not null then now() >= p.valid_from and now() < p.valid_until
              else gr.ended_at is null end as active
    from seen join access_grant g on g.thing_id = seen.id
    left join person p on p.id = g.person_id
    left join groups gr on gr.id = g.group_id
    left join organisation o on o.id = g.organisation_id
   where g.link_id is null and ($3::uuid is null or g.id = $3)
     and ($4::text is null or strpos(lower(coalesce(p.name, gr.name, o.name)), lower($4)) > 0)
)
select g.id, g.level, g.allows, g.own_only, exists (select from emergency e where e.grant_id = g.id) as emergency, g.note, g.created_at, g.revision, g.changed_at, g.far::int,
       (select count(*)::int from found) as total,
       nullif(g.valid_from, '-infinity') as valid_from, nullif(g.valid_until, 'infinity') as valid_until,
       jsonb_build_object('id', g.thing_id, 'kind', coalesce(n.kind, 'document'), 'name', coalesce(n.name, d.name)) as thing,
       jsonb_build_object('id', g.principal_id, 'name', g.name, 'active', g.active, 'kind',
         case when g.person_id is not null then 'person' when g.group_id is not null then 'group' else 'organisation' end)
         as principal,
       case when b.id is not null then jsonb_build_object('id', b.id, 'name', b.name) end as given_by,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as changed_by
  from found g
  left join node n on n.id = g.node_id
  left join document d on d.id = g.document_id
  left join person b on b.id = g.given_by
  left join person c on c.id = g.changed_by
 where $5::int is null or (g.far, g.name, g.id) > ($5, $6::text collate name_order, $7::uuid)
 order by g.far, g.name, g.id
 limit $8

-- name: known_principal
-- Whom the asker may name: whom they may know of, and whoever has been given something on this thing already.
select $3::uuid as id
 where case $2
         when 'person' then exists (select from directory_people($1, now()) d where d.id = $3)
         when 'organisation' then exists (select from directory_organisations($1, now()) d where d.id = $3)
         else exists (select from groups g join person p on p.id = $1 and p.staff_role is not null where g.id = $3)
       end
    or exists (select from access_path($4) t join access_grant g on g.thing_id = any(t.path) where g.principal_id = $3)

-- name: hold_person
-- Until the grant is saved: nobody closes the account in between. At this very moment: whoever waited began before that.
select valid_until <= clock_timestamp() as ended from person where id = $1 for share

-- name: hold_group
select ended_at is not null as ended from groups where id = $1 for share

-- name: same_grant
select id from access_grant
 where thing_id = $1 and principal_id = $2 and level = $3 and allows = $4
   and valid_from = coalesce($5::timestamptz, '-infinity') and valid_until = coalesce($6::timestamptz, 'infinity')
   and own_only = $7

-- name: insert_grant
insert into access_grant (person_id, group_id, organisation_id, node_id, document_id, level, allows, valid_from, valid_until,
                          note, given_by, own_only)
values ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, '-infinity'), coalesce($9::timestamptz, 'infinity'), $10, $11, $12)
returning id

-- name: find_grant
select id, thing_id, level, allows, own_only, principal_id, revision, changed_by,
       case when person_id is not null then 'person' when group_id is not null then 'group' else 'organisation' end
         as principal_kind,
       nullif(valid_from, '-infinity') as valid_from, nullif(valid_until, 'infinity') as valid_until
  from access_grant
 where id = $1 and link_id is null

-- name: change_grant
update access_grant
   set level = $2, allows = $3, valid_from = coalesce($4::timestamptz, '-infinity'),
       valid_until = coalesce($5::timestamptz, 'infinity'), note = $6,
       revision = revision + 1, changed_by = $7, changed_at = now()
 where id = $1 and revision = $8
returning id

-- name: delete_grant
delete from access_grant where id = $1 returning id

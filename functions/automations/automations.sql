-- name: list
-- Rules that the asker may change: of places that they would manage without locks, and such for everywhere that are their
-- own, or anybody's for administrators. $2: one alone.
with seen as materialized (
  select a.*, n.kind as place_kind, n.name as place_name, p.id as project_id, p.name as project_name
    from automation a
    left join node n on n.id = a.place_id
    left join node p on p.id = n.project_id
   where a.ended_at is null and ($2::uuid is null or a.id = $2)
),
managed as (
  select l.thing_id from access_levels(array[$1::uuid], array(select distinct s.place_id from seen s where s.place_id is not null), now()) l
   where l.unlocked = 4
)
select s.id, s.name, s.active, s.happens, s.age_days,
       case when s.place_id is not null then
         jsonb_build_object('id', s.place_id, 'kind', s.place_kind, 'name', s.place_name,
                            'project', jsonb_build_object('id', s.project_id, 'name', s.project_name)) end as place,
       s.conditions, s.actions, jsonb_build_object('id', m.id, 'name', m.name) as made_by,
       not (k.revoked_at is null and k.expires_at > now() and now() >= m.valid_from and now() < m.valid_until) as rests,
       s.changed_at,
       r.done, r.failed, r.last_at
  from seen s
  join person m on m.id = s.made_by
  join api_key k on k.id = s.key_id
 cross join lateral automation_counts(s.id) r
 where case when s.place_id is null then s.made_by = $1 or $3 else s.place_id in (select thing_id from managed) end
 order by s.name, s.id

-- name: add_key
insert into api_key (id, person_id, name, token_hash, scopes, project_id, expires_at)
values ($1, $2, $3, $4, '{share,rule}', $5, now() + interval '100 years')

-- name: revoke_key
update api_key k set revoked_at = now() from automation a where a.id = $1 and k.id = a.key_id and k.revoked_at is null

-- name: add
insert into automation (name, active, happens, age_days, place_id, conditions, actions, made_by, key_id, from_seq)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, (select coalesce(max(seq), 0) from audit))
returning id

-- name: change
-- Nothing when somebody wrote since.
update automation
   set name = $2, active = $3, happens = $4, age_days = $5, place_id = $6, conditions = $7, actions = $8, made_by = $9,
       key_id = $10, from_seq = (select coalesce(max(seq), 0) from audit), changed_at = date_trunc('milliseconds', now())
 where id = $1 and ended_at is null and changed_at = $11::timestamptz

-- name: end
update automation set ended_at = now(), active = false where id = $1 and ended_at is null

-- name: count
-- Locks the person: of two made at once the second one counts the first.
select (select count(*) from automation a where a.made_by = p.id and a.ended_at is null) as n
  from person p where p.id = $1 for no key update of p

-- name: folder
select n.project_id, n.kind from node n where n.id = $1

-- name: people
select count(*)::int as n from person p where p.id = any($1::uuid[]) and now() >= p.valid_from and now() < p.valid_until

-- name: runs
select r.id, case when l.level > 0 then jsonb_build_object('id', d.id, 'name', d.name) end as document, r.project_id,
       r.state, r.steps, r.ended_at as at
  from automation_run r
  left join access_levels(array[$2::uuid],
                          array(select x.document_id from automation_run x
                                 where x.automation_id = $1 and x.state in ('done', 'failed') order by x.at desc limit $3), now()) l
    on l.thing_id = r.document_id
  left join document d on d.id = r.document_id
 where r.automation_id = $1 and r.state in ('done', 'failed')
 order by r.at desc, r.id desc limit $3

-- name: one_run
select r.document_id, r.version_id, r.at, r.state, a.active and a.ended_at is null as active, a.conditions, a.actions, a.made_by, a.key_id
  from automation_run r join automation a on a.id = r.automation_id
 where r.id = $1 and a.id = $2

-- name: take_turn
select pg_try_advisory_xact_lock(hashtextextended('automation ' || $1::uuid, 0)) as taken

-- name: facts
-- Documents as an automation knows them, those that its maker may see; $3: words that are looked for in their text.
select d.id, d.project_id, jsonb_build_object('id', p.id, 'name', p.name) as project_who, d.name, v.detected_type, v.size,
       case when v.created_by is null or v.drop_key is not null then 'machine' when s.staff_role is not null then 'firm' else 'client' end as "from",
       s.name as sender, to_char(d.created_at at time zone f.time_zone, 'YYYY-MM-DD') as received_on, p.name as project,
       d.tags, d.description, d.described_at, d.folder_id, d.created_at,
       v.id as version_id, v.state,
       w.has_text, coalesce(w.unread, false) as unread
  from access_levels(array[$1::uuid], $2::uuid[], now()) l
  join document d on d.id = l.thing_id
  join version v on v.id = d.current_version_id
  join node p on p.id = d.project_id
 cross join firm f
  left join person s on s.id = v.created_by
  left join lateral automation_text(v.id, $3) w on $3::text is not null and l.level >= 2
 where l.level > 0
 order by d.created_at desc, d.id

-- name: folder_by_path
-- The folder that these names lead to from the project's top; none when one of them is not there.
with recursive found as (
  select $1::uuid as id, 0 as depth
  union all
  select n.id, f.depth + 1
    from found f
    join lateral (select n.id from node n where n.parent_id = f.id and n.kind = 'folder' and n.name = ($2::text[])[f.depth + 1]
                   order by n.id limit 1) n on true
)
select id from found where depth = cardinality($2::text[])

-- name: newest
select d.id from document d join node n on n.id = d.folder_id
 where d.project_id = any($1::uuid[]) and ($2::uuid is null or $2 = any(n.path))
 order by d.created_at desc, d.id limit $3

-- name: list
-- Locks that people set, on things in the projects $3 that the asker would manage without them. $2: one alone.
with lock as materialized (
  select l.*, coalesce(n.project_id, d.project_id) as project_id, coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name) as name
    from access_lock l
    left join node n on n.id = l.node_id
    left join document d on d.id = l.document_id
   where l.made_by is not null and l.valid_until > now() and ($2::uuid is null or l.id = $2)
     and coalesce(n.project_id, d.project_id) = any($3::uuid[])
)
select l.id, jsonb_build_object('id', l.thing_id, 'kind', l.kind, 'name', l.name) as thing,
       jsonb_build_object('id', p.id, 'name', p.name) as project, l.hides, l.valid_from as "from", l.counts_from,
       (extract(epoch from l.delay) / 86400)::int as days, l.notice_days,
       (select count(*)::int from lock_exception e where e.lock_id = l.id) as exceptions,
       jsonb_build_object('id', m.id, 'name', m.name) as made_by, l.made_at
  from access_levels(array[$1::uuid], array(select distinct lock.thing_id from lock), now()) a
  join lock l on l.thing_id = a.thing_id
  join node p on p.id = l.project_id
  join person m on m.id = l.made_by
 where a.unlocked = 4
 order by l.made_at desc, l.id

-- name: add
insert into access_lock (node_id, document_id, hides, valid_from, counts_from, delay, notice_days, made_by)
values (case when $2 <> 'document' then $1::uuid end, case when $2 = 'document' then $1::uuid end, $3, $4, $5,
        $6::int * interval '24 hours', $7, $8)
returning id, thing_id, valid_from as begins_at

-- name: announced
insert into lock_announced (lock_id, thing_id, begins_at) values ($1, $2, $3)

-- name: place
-- Where a lock lies that somebody set and that has not been lifted.
select l.thing_id, coalesce(n.project_id, project_of_thing(l.document_id)) as project_id, coalesce(n.kind, 'document') as kind
  from access_lock l left join node n on n.id = l.node_id
 where l.id = $1 and l.made_by is not null and l.valid_until > now()

-- name: unlocked
select a.unlocked::int as unlocked from access_levels(array[$1::uuid], array[$2::uuid], now()) a

-- name: end
update access_lock set valid_until = now() where id = $1 and valid_from < now() and valid_until > now()

-- name: take_back
delete from access_lock where id = $1 and valid_from >= now()

-- name: pass_over
insert into lock_exception (lock_id, document_id, made_by)
select l.id, d.id, $3 from access_lock l, document d join node n on n.id = d.folder_id
 where l.id = $1 and d.id = $2 and l.counts_from is not null and l.thing_id = any(n.path || d.id)
on conflict do nothing

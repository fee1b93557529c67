-- name: place
select n.id, n.kind, n.name, n.project_id from node n where n.id = $1
union all
select d.id, 'document', d.name, d.project_id from document d where d.id = $1

-- name: facts
-- What besides grants has a say on a thing ($2). What lies above or below and may not be seen by the asker ($1) has no name.
with t as materialized (select a.* from access_path($2) a),
place as materialized (
  select s.id, s.place, coalesce(n.kind, 'document') as kind, coalesce(n.name, d.name) as name,
         coalesce(n.inherits, d.inherits) as inherits
    from t cross join lateral unnest(t.path) with ordinality s(id, place)
    left join node n on n.id = s.id
    left join document d on d.id = s.id
),
shown as materialized (
  select p.id, jsonb_build_object('id', p.id, 'kind', p.kind, 'name', case when a.level > 0 or a.unlocked = 4 then p.name else '' end)
           as thing
    from place p join access_levels(array[$1::uuid], array(select place.id from place), now()) a on a.thing_id = p.id
)
select s.thing || jsonb_build_object('project_id', t.project_id) as thing, p.inherits,
       (select above.thing from place c join shown above on above.id = c.id where c.place = t.cut and t.cut > 1 and c.id <> $2)
         as closed_above,
       coalesce((select jsonb_agg(jsonb_build_object('on', above.thing, 'hides', l.hides, 'valid_from', l.valid_from,
                                  'valid_until', nullif(l.valid_until, 'infinity')) order by l.valid_from)
                   from access_lock l join shown above on above.id = l.thing_id where l.valid_until > now()), '[]') as locks,
       coalesce((select n.walls from node n where n.id = t.path[1]) and t.client_id is not null, false) as walls,
       (select count(*)::int from exclusion e where e.client_id = t.client_id) as exclusions
  from t join place p on p.id = $2 join shown s on s.id = $2

-- name: below
-- What lies below and is closed or has grants of its own to people, as far as the asker sees it; by name, so many ($3).
with apart as materialized (
  (select n.id, n.kind, n.name, n.inherits from node n
    where n.path @> array[$2::uuid] and n.id <> $2 and n.scope_id = n.id
      and (not n.inherits or exists (select from access_grant g where g.node_id = n.id and g.link_id is null))
    order by n.name, n.id limit $3 * 4)
  union all
  (select d.id, 'document', d.name, d.inherits from node n join document d on d.folder_id = n.id
    where n.path @> array[$2::uuid] and d.own_scope
      and (not d.inherits or exists (select from access_grant g where g.document_id = d.id and g.link_id is null))
    order by d.name, d.id limit $3 * 4)
)
select x.id, x.kind, x.name, x.inherits,
       (select count(*)::int from access_grant g where g.thing_id = x.id and g.link_id is null) as grants
  from apart x
  join access_levels(array[$1::uuid], array(select apart.id from apart), now()) a on a.thing_id = x.id
 where a.level > 0
    or a.unlocked = 4
   and not exists (select from access_path(x.id) p join access_lock l on l.thing_id = any(p.path)   -- in the trash
                    where l.made_by is null and l.hides and now() >= l.valid_from and now() < l.valid_until)
 order by x.name, x.id
 limit $3

-- name: close_node
update node set inherits = $2 where id = $1 and inherits <> $2 returning id

-- name: close_document
update document set inherits = $2 where id = $1 and inherits <> $2 returning id

-- name: dashboard
select s.list, s.kind, s.id, s.title, s.happened_at as at, s.by_name as by,
       case when p.id is not null then jsonb_build_object('id', p.id, 'name', p.name, 'client',
         case when o.id is not null then jsonb_build_object('id', o.id, 'name', o.name) end) end as project
  from dashboard($1, now()) with ordinality s(list, kind, id, title, project_id, happened_at, by_name, place)
  left join node p on p.id = s.project_id
  left join organisation o on o.id = p.client_id
 order by array_position(array['arrived', 'clients', 'us'], s.list), s.happened_at desc, s.place

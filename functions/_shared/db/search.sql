-- name: names
select s.kind, s.id, s.name, s.level, jsonb_build_object('id', p.id, 'name', p.name) as project
  from search_names($1, $2, search_reach($1, $3, now(), 1), now(), $4, $5, $6) with ordinality s(id, kind, project_id, name, level, o)
  join node p on p.id = s.project_id
 order by s.o

-- name: pages
select 'document' as kind, s.id, s.name, s.level, jsonb_build_object('id', p.id, 'name', p.name) as project,
       s.no, s.pages, s.words, s.marks
  from search_pages($1, $2, search_reach($1, $3, now(), 2), now(), $4, $5)
       with ordinality s(id, project_id, name, level, no, pages, words, marks, o)
  join node p on p.id = s.project_id
 order by s.o

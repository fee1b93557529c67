-- name: same_names
select x.place::int - 1 as index, d.id as document_id
  from unnest($1::uuid[], $2::text[]) with ordinality x(folder_id, name, place)
  join document d on d.folder_id = x.folder_id and d.name = x.name
 order by x.place, d.id

-- name: version
select d.id as document_id, v.project_id
  from version v join document d on d.current_version_id = v.id
 where v.id = $1 and v.state = 'ready'

-- name: pages
select no, text_key from page where version_id = $1 and no > $2 and text_key is not null order by no limit $3

-- name: lock
-- Whoever makes another version the current one waits, and then takes away what was written here.
select d.id as document_id, d.project_id
  from document d join version v on v.id = d.current_version_id
 where v.id = $1 and v.state = 'ready'
   for share of d

-- name: write
insert into page_text (version_id, no, document_id, project_id, words, vector)
select p.version_id, p.no, $2, $3, x.words, search_page(x.words, $2, $3)
  from unnest($4::int[], $5::text[]) x(no, words)
  join page p on p.version_id = $1 and p.no = x.no
on conflict (version_id, no) do update set words = excluded.words, vector = excluded.vector

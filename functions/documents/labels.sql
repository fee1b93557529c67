-- name: describe
-- Nothing when somebody wrote since.
update document set tags = $2, description = $3, described_at = date_trunc('milliseconds', now())
 where id = $1 and described_at is not distinct from $4::timestamptz

-- name: project_tags
-- Of the documents of a project that the asker may see.
select distinct t.tag
  from access_levels(array[$1::uuid], array(
         select d.id from document d where d.project_id = $2 and d.tags <> '{}' order by d.described_at desc limit 1000), now()) a
  join document d on d.id = a.thing_id
 cross join unnest(d.tags) t(tag)
 where a.level > 0
 order by 1 limit 200

-- name: add_favourite
insert into favourite (person_id, document_id, project_id) values ($1, $2, $3) on conflict do nothing

-- name: remove_favourite
delete from favourite where person_id = $1 and document_id = $2

-- name: favourites
select document_id, project_id from favourite where person_id = $1 order by at desc limit 200

-- name: last_opened
select document_id, project_id from opened where person_id = $1 order by at desc limit 30

-- name: read_all
insert into read_until (person_id, project_id, at) values ($1, $2, now())
on conflict (person_id, project_id) do update set at = excluded.at

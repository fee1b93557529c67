-- name: list
-- The newest comments on a document before $3 (or $5 alone), of which the asker may see every document.
with found as materialized (
  select c.* from comment c where c.documents @> array[$2::uuid] and ($3::uuid is null or c.id < $3) and ($5::uuid is null or c.id = $5)
   order by c.id desc limit 1000
),
seen as materialized (
  select a.thing_id from access_levels(array[$1::uuid], array(select distinct unnest(found.documents) from found), now()) a
   where a.level > 0
),
shown as (
  select found.* from found where found.documents <@ array(select seen.thing_id from seen) order by found.id desc limit $4
)
select c.id, jsonb_build_object('id', p.id, 'name', p.name) as author, p.staff_role is not null as staff,
       uuid_extract_timestamp(c.id) as at, c.text, c.taken_back_at is not null as taken_back, c.author_id = $1 as own,
       array(select jsonb_build_object('id', m.id, 'name', m.name) from person m where m.id = any(c.mentions)
              order by m.name, m.id) as mentions,
       array(select jsonb_build_object('id', d.id, 'name', d.name) from document d where d.id = any(c.documents)
              order by d.name, d.id) as documents
  from shown c join person p on p.id = c.author_id
 order by c.id desc

-- name: all_see
-- Whether each of these people may see each of those documents.
select count(*) = cardinality($1::uuid[]) * cardinality($2::uuid[]) as all_see
  from access_levels($1, $2, now()) a where a.level > 0

-- name: add
insert into comment (project_id, author_id, documents, mentions, text) values ($1, $2, $3, $4, $5) returning id

-- name: take_back
update comment set text = '', taken_back_at = now()
 where id = $1 and author_id = $2 and taken_back_at is null
returning documents


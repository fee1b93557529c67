-- name: set
update node set four_eyes = $2 where id = $1 and four_eyes <> $2

-- name: waiting
-- Whether a version waits, and whether the asker uploaded it.
select created_by is not distinct from $3 as own from version where document_id = $1 and no = $2 and waits

-- name: show
update version set waits = false, shown_by = $3, shown_at = now()
 where document_id = $1 and no = $2 and waits and created_by is distinct from $3
returning id

-- name: show_several
-- $1, $2: documents and the numbers of their versions; $3: the asker. As one after the other, with what was waiting before.
with wish as (
  select w.document_id, w.no, w.place from unnest($1::uuid[], $2::int[]) with ordinality w(document_id, no, place)
),
shown as (
  update version v set waits = false, shown_by = $3, shown_at = now()
    from wish w
   where v.document_id = w.document_id and v.no = w.no and v.waits and v.created_by is distinct from $3
  returning v.id, v.document_id, v.no
)
select w.document_id as id, w.no, s.id as version_id,
       case when s.id is not null then 'done' when v.waits then 'own' else 'not_waiting' end as outcome
  from wish w
  left join version v on v.document_id = w.document_id and v.no = w.no
  left join shown s on s.document_id = w.document_id and s.no = w.no
 order by w.place

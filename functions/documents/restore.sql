-- name: lock
-- The document, held until the transaction ends. Whoever waited here sees what happened meanwhile in the next statement
-- only: this one looks at all tables but the locked one as they were when it began.
select folder_id, current_version_id, name from document where id = $1 for no key update

-- name: newest
select restored_from from version where document_id = $1 order by no desc limit 1

-- name: begun
-- This person's copy of this version that was begun and has not arrived.
select document_id, version_id from upload
 where restores = $1 and of_document_id = $2 and person_id = $3 and state = 'open'
 order by id desc limit 1

-- name: begin
insert into upload (person_id, project_id, folder_id, document_id, version_id, name, size, declared_type, part_size,
                    of_document_id, restores)
select $1, v.project_id, $3, uuidv7(), uuidv7(), $4, v.size, coalesce(v.detected_type, v.declared_type), $5,
       v.document_id, v.id
  from version v where v.id = $2
returning document_id, version_id

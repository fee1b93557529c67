-- name: lock
-- The document, held until the transaction ends, and what its newest version is a copy of.
select d.folder_id, d.current_version_id, d.name,
       (select v.restored_from from version v where v.document_id = d.id order by v.no desc limit 1) as newest_restored
  from document d where d.id = $1 for no key update of d

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

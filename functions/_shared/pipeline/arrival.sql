-- name: known
-- What this key is to us beside uploads: a version's (pinned to which of the store's versions), or an adoption's to be.
select (select v.object_version_id from version v where v.object_key = $1) as pinned,
       (select v.document_id from version v where v.object_key = $1) as document_id,
       exists (select from job j
                where j.kind = 'adopt' and j.state in ('ready', 'active')
                  and (j.data->>'document_id') || '/' || (j.data->>'version_id') = $1) as being_adopted

-- name: source
select source from inbox where bucket = $1 and key = $2 and object_version_id = $3 and kind = 'created'

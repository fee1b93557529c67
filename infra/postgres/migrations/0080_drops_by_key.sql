-- What S3 tools bring by an API key lies below `<project>/key-<id>/`; whoever adopts it asks whose key that is and whether
-- it still counts. No tokens: the hash stays out of reach.
grant select (id, person_id, scopes, project_id, expires_at, revoked_at) on api_key to portico_pipeline;

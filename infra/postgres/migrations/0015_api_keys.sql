-- API keys: programs come in with the rights of one person, narrowed.

-- A door like a session. project_id narrows what the key reaches (functions/_shared/key.ts), it does not say where the row
-- belongs: hence no wall.
create table api_key (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,               -- whose rights it has, as they are at the moment of the call
  name text collate name_order not null,
  token_hash bytea not null unique check (length(token_hash) = 32),   -- SHA-256 of the token
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ '{read,upload,write}'),
  project_id uuid references node,                         -- null: all that the person may see
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,                                -- to the minute
  revoked_at timestamptz
);
create index api_key_person on api_key (person_id);

grant select, insert, update (last_used_at, revoked_at) on api_key to portico_app;

-- What people ask and answer beside documents. A comment on several documents is seen by whoever may see all of them.

create table comment (
  id uuid primary key default uuidv7(),
  project_id uuid not null references node,
  author_id uuid not null references person,
  documents uuid[] not null check (cardinality(documents) between 1 and 50),
  mentions uuid[] not null default '{}',
  text text not null check (length(text) <= 4000),
  taken_back_at timestamptz,                              -- its text is gone then; that there was one stays
  check ((text = '') = (taken_back_at is not null))
);
create index comment_documents on comment using gin (documents);

alter table comment enable row level security;
create policy wall on comment to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy pipeline on comment to portico_pipeline using (true);
grant select, insert, update (text, taken_back_at) on comment to portico_app;
grant select (id, project_id, author_id, documents, mentions, taken_back_at) on comment to portico_pipeline;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check check (kind in ('document', 'version', 'access', 'renewal', 'comment'));

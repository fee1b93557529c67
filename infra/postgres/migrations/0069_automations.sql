-- Automations: when something happens to documents of a place, something is done with them. A rule acts through the API, by
-- a key of whoever made it (functions/automations): it never does what that person could not do at the same moment.

alter table api_key drop constraint api_key_scopes_check,
  add check (cardinality(scopes) > 0 and scopes <@ '{read,upload,write,share,rule}');

create table automation (
  id uuid primary key default uuidv7(),
  name text collate name_order not null check (name <> ''),
  active boolean not null default true,
  happens text not null check (happens in ('arrives', 'ready', 'link_opened', 'age')),
  age_days int check (age_days between 1 and 3650),
  place_id uuid references node,                           -- a project or folder, all in it; null: wherever its maker manages
  conditions jsonb not null,                               -- contract/automation.ts
  actions jsonb not null,
  made_by uuid not null references person,                 -- whoever wrote it last: it acts with their rights
  key_id uuid not null references api_key,
  from_seq bigint not null,                                -- what is later than this number of the log begins it
  made_at timestamptz not null default date_trunc('milliseconds', now()),
  changed_at timestamptz not null default date_trunc('milliseconds', now()),
  ended_at timestamptz,
  check ((happens = 'age') = (age_days is not null))
);
create index automation_place on automation (place_id) where ended_at is null;
create unique index automation_key on automation (key_id);

-- One rule and one document, once for each cause.
create table automation_run (
  id uuid primary key default uuidv7(),
  automation_id uuid not null references automation,
  project_id uuid not null references node,
  document_id uuid not null,                               -- it may be gone by now
  version_id uuid not null,
  cause bigint not null,                                   -- the act's number in the log; 0: a day has come
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'not_meant')),
  steps jsonb not null default '[]',
  at timestamptz not null default now(),
  ended_at timestamptz,
  unique (automation_id, version_id, cause)
);
create index automation_run_newest on automation_run (automation_id, at desc) where state in ('done', 'failed');

alter table automation enable row level security;
create policy app on automation to portico_app using (true);
create policy pipeline on automation to portico_pipeline using (true);
grant select, insert, update (name, active, happens, age_days, place_id, conditions, actions, made_by, key_id, from_seq, changed_at, ended_at)
  on automation to portico_app;
grant select on automation to portico_pipeline;

alter table automation_run enable row level security;
create policy wall on automation_run to portico_app using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy pipeline on automation_run to portico_pipeline using (true);
grant select on automation_run to portico_app;
grant select, insert, update (state, steps, ended_at), delete on automation_run to portico_pipeline;

insert into clock_mark (name, at, data)
select 'automations', now(), jsonb_build_object('seq', coalesce((select last from audit_counter), 0));

-- How a rule fared in the last 30 days; numbers alone, also of projects that whoever asks does not see.
create function automation_counts(automation uuid) returns table (done int, failed int, last_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select count(*) filter (where r.state = 'done')::int, count(*) filter (where r.state = 'failed')::int, max(r.ended_at)
    from automation_run r
   where r.automation_id = $1 and r.state in ('done', 'failed') and r.at > now() - interval '30 days' $$;
revoke execute on function automation_counts from public;
grant execute on function automation_counts to portico_app;

alter table notice drop constraint notice_kind_check,
  add check (kind in ('document', 'version', 'access', 'renewal', 'comment', 'archive', 'archive_failed', 'guest', 'lock',
                      'rule', 'rule_failed'));

-- Whether words stand on a page of a version, and whether pages have words that search has not read yet.
create function automation_text(version uuid, words text) returns table (has_text boolean, unread boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from page_text t
                  where t.version_id = $1 and position(search_fold($2) in search_fold(t.words)) > 0),
         exists (select from page g
                  where g.version_id = $1 and g.text_key is not null
                    and not exists (select from page_text t where t.version_id = g.version_id and t.no = g.no)) $$;
revoke execute on function automation_text from public;
grant execute on function automation_text to portico_app;

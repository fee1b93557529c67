-- Being told: what came for a person while they were elsewhere, and how soon it goes out by mail.
-- Notices are made from the audit log after the act (pipeline/notices.ts): an upload of 1,000 files pays nothing for them.

create table notice (                                     -- one entry of a person's inbox: acts of one kind that came together
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  project_id uuid not null references node,
  kind text not null check (kind in ('document', 'version', 'access')),
  things uuid[] not null check (cardinality(things) > 0),   -- documents, folders, projects; looked at with the rule when shown
  created_at timestamptz not null default now(),
  last_at timestamptz not null default date_trunc('milliseconds', now()),   -- when the newest of them came
  read_at timestamptz,
  mail_at timestamptz,                                    -- when it is due by mail; null: never
  mail_job uuid,                                          -- the job that mails it: tried again, it says the same
  mailed_at timestamptz
);
create index notice_inbox on notice (person_id, last_at desc, id desc);
create index notice_unread on notice (person_id) where read_at is null;
create index notice_due on notice (mail_at) where mail_at is not null and mail_job is null;
create index notice_job on notice (mail_job) where mail_job is not null;

create table notice_setting (                             -- how soon a person wants mail; without a row at once
  person_id uuid not null references person,
  project_id uuid references node,                        -- null: for all projects that have no row of their own
  pace text not null check (pace in ('at_once', 'hourly', 'daily', 'weekly', 'off')),
  unique nulls not distinct (person_id, project_id)
);

alter table notice enable row level security;
alter table notice_setting enable row level security;
create policy wall on notice to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on notice_setting to portico_app
  using (project_id is null
         or project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy pipeline on notice to portico_pipeline using (true);
create policy pipeline on notice_setting to portico_pipeline using (true);

grant select, update (read_at) on notice to portico_app;
grant select, insert, update, delete on notice_setting to portico_app;
grant select, insert, update on notice to portico_pipeline;
grant select on notice_setting to portico_pipeline;

-- No more mail to this person, of any project, the ones out of their reach included; what waits does not go out.
create function notice_unsubscribe(p_person uuid) returns void
language sql security definer set search_path = public, pg_temp as $$
delete from notice_setting where person_id = p_person and project_id is not null;
insert into notice_setting (person_id, pace) values (p_person, 'off')
on conflict (person_id, project_id) do update set pace = 'off';
update notice set mail_at = null where person_id = p_person and mailed_at is null and mail_job is null $$;
revoke execute on function notice_unsubscribe(uuid) from public;
grant execute on function notice_unsubscribe(uuid) to portico_app;

-- Telling begins with what happens from now on.
insert into clock_mark (name, at, data)
select 'notices', now(), jsonb_build_object('seq', last) from audit_counter;

-- Whoever has not joined yet has an invitation in the mail and cannot sign in: no news by mail before. Says no more of a
-- password than that there is one.
create function person_joined(p_person uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
select exists (select from person where id = p_person and password_hash is not null) $$;
revoke execute on function person_joined(uuid) from public;
grant execute on function person_joined(uuid) to portico_pipeline;

-- Break-glass: an administrator opens something for four hours, with a reason, and is seen doing it. The rule knows nothing
-- of it: what opens is a grant with an end. This is the record of it, and who was told.

create table emergency (
  id uuid primary key default uuidv7(),
  person_id uuid not null references person,
  grant_id uuid references access_grant on delete set null,   -- null: whoever manages the thing took it away
  project_id uuid not null references node,
  document_id uuid references document,                   -- null: the project as a whole
  level smallint not null check (level between 1 and 3),  -- never manage: nothing outlasts the four hours
  reason text not null check (length(reason) between 1 and 500),
  begun_at timestamptz not null default now(),
  valid_until timestamptz not null,
  ended_at timestamptz,                                   -- early
  ended_by uuid references person,
  check (valid_until <= begun_at + interval '4 hours'),
  check ((ended_at is null) = (ended_by is null))
);
create index emergency_grant on emergency (grant_id);
create index emergency_begun on emergency (begun_at desc);

create table emergency_told (                               -- the other administrators of that moment
  emergency_id uuid not null references emergency,
  person_id uuid not null references person,
  read_at timestamptz,
  primary key (emergency_id, person_id)
);
create index emergency_unread on emergency_told (person_id) where read_at is null;

alter table emergency enable row level security;
create policy wall on emergency to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
grant select, insert, update (ended_at, ended_by) on emergency to portico_app;
grant select, insert, update (read_at) on emergency_told to portico_app;

-- Who runs the firm besides somebody; told at once.
create function administrators_besides(asker uuid) returns table (id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.id from person p where p.id <> asker and person_runs_firm(p) order by p.id $$;

-- The newest, for whoever runs the firm; for anybody else none. What lies behind is not opened by that: names of projects
-- and documents are looked up by the rule.
create function emergencies(asker uuid, most int default 100)
returns table (id uuid, person_id uuid, project_id uuid, document_id uuid, level smallint, reason text, begun_at timestamptz,
               valid_until timestamptz, ended_at timestamptz, unread boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select e.id, e.person_id, e.project_id, e.document_id, e.level, e.reason, e.begun_at, e.valid_until,
         case when e.ended_at is null and e.grant_id is null then least(now(), e.valid_until) else e.ended_at end,
         coalesce(t.read_at is null, false) and t.person_id is not null
    from emergency e left join emergency_told t on t.emergency_id = e.id and t.person_id = asker
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
   order by e.begun_at desc, e.id desc limit most $$;

-- What is open in somebody's name or, for another administrator, in anybody's: to end it, by its project.
create function emergency_open(asker uuid, emergency uuid)
returns table (id uuid, person_id uuid, project_id uuid, document_id uuid, grant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select e.id, e.person_id, e.project_id, e.document_id, e.grant_id from emergency e
   where e.id = $2 and e.ended_at is null and e.valid_until > now() and e.grant_id is not null
     and exists (select from emergencies(asker) s where s.id = e.id) $$;

-- Where a thing lies and whose it is: for one who may not see it, and is told neither its name nor what is in it.
create function emergency_place(thing uuid)
returns table (kind text, project_id uuid, client_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select n.kind, n.project_id, n.client_id from node n where n.id = thing and n.kind = 'project'
  union all
  select 'document', d.project_id, n.client_id from document d join node n on n.id = d.project_id where d.id = thing $$;

revoke execute on function administrators_besides, emergencies, emergency_open, emergency_place from public;
grant execute on function administrators_besides, emergencies, emergency_open, emergency_place to portico_app;

-- A guest whose sponsor has gone without handing over: those who manage the project were told so of this sponsor.
alter table project_guest add column told_without uuid references person;
grant update (told_without) on project_guest to portico_pipeline;

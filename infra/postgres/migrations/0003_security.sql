-- Walls and doors: row-level security, functions that do what no role may do by itself, and the grants of the five roles.
-- Whoever may do what here is a service; which person may do what is 0002_access.sql.

-- ── The second wall (access.md) ────────────────────────────────────────────────────────────────────────────
-- portico_app sees rows of the projects that its transaction named with set_config('app.projects', '{…}', true), the one or
-- few asked for; without it, none. It stops a forgotten filter. The pipeline serves all projects.
-- The sub-select is evaluated once a query; without it the setting is parsed anew for each row.

alter table document enable row level security;
alter table version enable row level security;
alter table page enable row level security;
alter table upload enable row level security;

create policy wall on document to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on version to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on page to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy wall on upload to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));

create policy pipeline on document to portico_pipeline using (true);
create policy pipeline on version to portico_pipeline using (true);
create policy pipeline on page to portico_pipeline using (true);
create policy pipeline on upload to portico_pipeline using (true);

-- ── The audit log ──────────────────────────────────────────────────────────────────────────────────────────

create function audit_unchangeable() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is only ever added to' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_unchangeable before update or delete or truncate on audit
  execute function audit_unchangeable();

-- Appends acts; called as the LAST statement of the business transaction, because the counter's row is locked from here to
-- the commit. That makes numbers gap-free also after rollbacks, and number order commit order. READ COMMITTED only.
--   bodies: canonical JSON (RFC 8785) with the keys at, action, actor_id, project_id, document_id, subject_id, and
--   detail, the commitment SHA-256(salt ‖ details[i]) in hex, where there is one; salts: 32 bytes; details: canonical JSON.
-- Returns the first number; null for no bodies.
create function audit_append(bodies text[], salts bytea[], details text[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  n int := cardinality(bodies);
  top bigint;
begin
  if n = 0 then return null; end if;
  if exists (
    select from unnest(bodies, salts, details) x(body, salt, detail)
     where x.body::jsonb->>'detail'
           is distinct from encode(sha256(x.salt || convert_to(x.detail, 'UTF8')), 'hex')) then
    raise exception 'an act''s detail does not fit its commitment' using errcode = 'check_violation';
  end if;
  update audit_counter set last = last + n returning last into top;
  insert into audit (seq, body, at, action, actor_id, project_id, document_id, subject_id)
  select top - n + x.i, convert_to(x.body, 'UTF8'), (x.j->>'at')::timestamptz, x.j->>'action', (x.j->>'actor_id')::uuid,
         (x.j->>'project_id')::uuid, (x.j->>'document_id')::uuid, (x.j->>'subject_id')::uuid
    from (select b.body, b.body::jsonb as j, b.i from unnest(bodies) with ordinality b(body, i)) x;
  insert into audit_detail (audit_seq, salt, detail)
  select top - n + x.i, x.salt, x.detail
    from unnest(salts, details) with ordinality x(salt, detail, i) where x.detail is not null;
  return top - n + 1;
end $$;

-- ── Jobs ───────────────────────────────────────────────────────────────────────────────────────────────────
-- A claim is a token and a lease; the lease's end is run_at, so that a lapsed lease is simply due again and nothing has to
-- supervise. What a worker says is believed only with the token of the newest claim.

-- Adds a job and wakes the connector. Returns its id; null if one with that unique_key waits or runs already.
create function job_add(
  kind text, data jsonb, fairness_key text default '', unique_key text default null,
  run_at timestamptz default now(), priority int default 0, max_attempts int default 12) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  added uuid;
begin
  insert into job (kind, data, fairness_key, unique_key, run_at, priority, max_attempts)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (kind, unique_key) where state in ('ready', 'active') do nothing
  returning id into added;
  if added is not null then perform pg_notify('portico_job', $1); end if;
  return added;
end $$;

-- Claims up to n due jobs of a kind: whose fairness_key has the fewest at work comes first, then priority, then age.
-- Returns the rows as they are after the claim. Look at `state`: 'active' is claimed until run_at; 'dead' had used up its
-- attempts (its last worker died or let its lease lapse) and is not to be worked on, only written down.
create function job_claim(kind text, lease_seconds int, n int default 1) returns setof job
language sql security definer set search_path = public, pg_temp as $$
with recursive key as (   -- the distinct fairness_keys, each by one step through the index
  (select j.fairness_key from job j
    where j.kind = $1 and j.state in ('ready', 'active') order by j.fairness_key limit 1)
  union all
  select (select j.fairness_key from job j
           where j.kind = $1 and j.state in ('ready', 'active') and j.fairness_key > key.fairness_key
           order by j.fairness_key limit 1)
    from key where key.fairness_key is not null
),
ranked as (
  select due.id, due.priority, due.run_at, busy.n + due.place as turn
    from key
   cross join lateral (
     select count(*) as n from job j
      where j.kind = $1 and j.fairness_key = key.fairness_key and j.state = 'active' and j.run_at > now()) busy
   cross join lateral (
     select j.id, j.priority, j.run_at, row_number() over (order by j.priority, j.run_at) as place
       from (select * from job j
              where j.kind = $1 and j.fairness_key = key.fairness_key and j.state in ('ready', 'active')
                and j.run_at <= now()
              order by j.priority, j.run_at limit $3 + 7) j) due   -- some more: others may hold the first ones
   where key.fairness_key is not null
   order by turn, due.priority, due.run_at limit $3 + 16
),
mine as (
  select j.id from job j join ranked r on r.id = j.id
   where j.state in ('ready', 'active') and j.run_at <= now()
   order by r.turn, r.priority, r.run_at limit $3 for update of j skip locked
)
update job j
   set state = case when j.attempt >= j.max_attempts then 'dead' else 'active' end,
       attempt = case when j.attempt >= j.max_attempts then j.attempt else j.attempt + 1 end,
       token = case when j.attempt >= j.max_attempts then null else gen_random_uuid() end,
       run_at = clock_timestamp() + $2 * interval '1 s',
       error = case when j.attempt >= j.max_attempts then coalesce(j.error, 'its worker did not come back') else j.error end,
       done_at = case when j.attempt >= j.max_attempts then clock_timestamp() end
  from mine where j.id = mine.id
returning j.* $$;

-- The four answers to a claim. False or null: the claim is no longer the newest; the caller rolls back what it did.

create function job_done(id uuid, token uuid) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with done as (
  update job set state = 'done', done_at = clock_timestamp(), error = null
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from done) $$;

create function job_beat(id uuid, token uuid, lease_seconds int) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with beat as (
  update job set run_at = clock_timestamp() + $3 * interval '1 s'
   where job.id = $1 and job.token = $2 and job.state = 'active' returning 1)
select exists (select from beat) $$;

-- Goes on later from the cursor. Progress was made: attempts begin anew.
create function job_continue(id uuid, token uuid, cursor jsonb) returns boolean
language sql security definer set search_path = public, pg_temp as $$
with gone_on as (
  update job set state = 'ready', cursor = $3, attempt = 0, token = null, error = null, run_at = clock_timestamp()
   where job.id = $1 and job.token = $2 and job.state = 'active' returning job.kind)
select exists (select pg_notify('portico_job', gone_on.kind) from gone_on) $$;

-- Again after_seconds from now, by default after 2^attempt s (0.5 to 1.5 of it, at most an hour); 'dead' when attempts are
-- used up or `final`. Returns the new state.
create function job_fail(id uuid, token uuid, error text, after_seconds double precision default null, final boolean default false)
returns text
language sql security definer set search_path = public, pg_temp as $$
update job
   set state = case when final or attempt >= max_attempts then 'dead' else 'ready' end,
       done_at = case when final or attempt >= max_attempts then clock_timestamp() end,
       run_at = clock_timestamp()
         + coalesce($4, least(3600, 2 ^ least(attempt, 12) * (0.5 + random()))) * interval '1 s',
       error = $3, token = null
 where job.id = $1 and job.token = $2 and job.state = 'active'
returning state $$;

-- ── The inbox ──────────────────────────────────────────────────────────────────────────────────────────────

-- One fact of the store, whoever tells it: the event, the API that completed an upload, or reconciliation. The first one
-- makes the job; the others change nothing. Returns whether it was new.
--   kind: 'created' | 'removed'. Jobs: portico-documents → 'arrive', portico-drops → 'adopt' (with the ids that the new
--   document and version will have, so that every try makes the same ones). Nothing may remove a document's bytes but the
--   clock, which does not tell: that is an incident.
create function inbox_record(bucket text, key text, object_version_id text, kind text, source text, size bigint)
returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  fact jsonb := jsonb_build_object('bucket', $1, 'key', $2, 'object_version_id', $3, 'size', $6);
  owner_id uuid;   -- of documents: the document; of drops: the project
  fairness text := '';
begin
  insert into inbox (bucket, key, object_version_id, kind, source, size) values ($1, $2, $3, $4, $5, $6)
  on conflict do nothing;
  if not found then return false; end if;
  if $4 = 'removed' then
    if $1 = 'portico-documents' then insert into incident (kind, detail) values ('object_removed', fact); end if;
    return true;
  end if;
  if $5 = 'api' then return true; end if;   -- the same transaction does what the job would do
  if $2 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' then owner_id := split_part($2, '/', 1)::uuid; end if;
  if $1 = 'portico-documents' then
    select coalesce(n.client_id, n.id)::text into fairness
      from upload u join node n on n.id = u.project_id where u.document_id = owner_id;
    perform job_add('arrive', fact, coalesce(fairness, ''), $2 || ' ' || $3);
  elsif $1 = 'portico-drops' then
    select coalesce(n.client_id, n.id)::text into fairness from node n where n.id = owner_id;
    perform job_add('adopt', fact || jsonb_build_object('document_id', uuidv7(), 'version_id', uuidv7()),
                    coalesce(fairness, ''), $2 || ' ' || $3);
  end if;
  return true;
end $$;

-- ── Announcements to open pages ────────────────────────────────────────────────────────────────────────────

create sequence announcement;

-- Tells web that something of a topic ('project:<id>', 'person:<id>') changed, when the transaction commits. No content:
-- pages ask the API again.
create function announce(topic text) returns void
language sql security definer set search_path = public, pg_temp as $$
select pg_notify('portico', json_build_object('topic', topic, 'seq', nextval('announcement'))::text) $$;

-- ── Who may call and touch what ────────────────────────────────────────────────────────────────────────────

revoke all on schema public from public;
revoke execute on all functions in schema public from public;
alter default privileges revoke execute on functions from public;
grant usage on schema public to portico_app, portico_intake, portico_pipeline;

-- Functions that people's calls reach. Derived columns are the triggers' alone, hence the lists of columns.
grant select on firm, person, organisation, groups, group_nesting, membership, node, document, version, page, upload, link,
  access_grant, access_lock, assignment, exclusion, session, one_time_link, rate_limit, idempotency, incident,
  audit, audit_detail to portico_app;
grant insert, update on firm, person, organisation, groups, upload to portico_app;
grant insert, update, delete on group_nesting, membership, assignment, exclusion, session, one_time_link, rate_limit,
  idempotency to portico_app;
grant insert (id, kind, parent_id, client_id, name, inherits, walls), update (parent_id, client_id, name, inherits, walls)
  on node to portico_app;
grant insert (id, folder_id, project_id, name, created_by, created_at, current_version_id),
  update (folder_id, name, current_version_id) on document to portico_app;
grant insert, update on version to portico_app;
grant insert, update (valid_until) on link to portico_app;
grant insert, update (valid_until, note), delete on access_grant to portico_app;
grant insert, update (valid_until) on access_lock to portico_app;
grant execute on function access_levels, access_reach, access_visible, access_of_document, access_of_node, access_projects,
  access_tree, access_list, access_explain, access_reason, access_who, access_preview, audit_append, job_add, inbox_record,
  announce to portico_app;

-- The bucket webhook.
grant execute on function inbox_record to portico_intake;
grant insert (body, reason) on inbox_unreadable to portico_intake;

-- Connector and clock: what jobs' answers change, and sweeping. Of a person they need what a mail needs, no secrets.
grant select on firm, organisation, groups, group_nesting, membership, node, document, version, page, upload, link,
  access_grant, access_lock, assignment, exclusion, inbox, inbox_unreadable, incident, job, clock_mark, audit
  to portico_pipeline;
grant select (id, name, email, staff_role, capped_by, locale, time_zone, valid_from, valid_until) on person
  to portico_pipeline;
grant insert (id, folder_id, project_id, name, created_by, created_at, current_version_id),
  update (name, current_version_id) on document to portico_pipeline;
grant insert, update on version, incident, clock_mark to portico_pipeline;
grant insert, update, delete on page to portico_pipeline;
grant update on upload to portico_pipeline;
grant select (id, person_id, last_used_at, expires_at), delete on session to portico_pipeline;
grant select (id, expires_at, used_at), delete on one_time_link to portico_pipeline;
grant select, delete on rate_limit, idempotency to portico_pipeline;
grant delete on job, inbox_unreadable to portico_pipeline;
grant execute on function access_levels, access_reach, access_of_document, access_of_node, access_who, audit_append, job_add,
  job_claim, job_done, job_beat, job_continue, job_fail, inbox_record, announce to portico_pipeline;

-- portico_web may connect and LISTEN, which needs no grant.

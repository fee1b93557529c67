-- Locks that come by themselves: who set them, who was told, how they are shown. The rule itself is 0047_locks.sql's.

-- made_by null: the trash's. notice_days: so long before those are told whom it concerns.
alter table access_lock
  add column made_by uuid references person,
  add column made_at timestamptz not null default now(),
  add column notice_days int not null default 0 check (notice_days between 0 and 90);
-- One that never began leaves nothing behind but the log.
grant delete on access_lock to portico_app;

-- What was announced: a lock of a thing (the lock's own, or a document below it) for a moment.
create table lock_announced (
  lock_id uuid not null references access_lock on delete cascade,
  thing_id uuid not null,
  begins_at timestamptz not null,
  at timestamptz not null default now(),
  primary key (lock_id, thing_id, begins_at)
);
grant select, insert on lock_announced to portico_app, portico_pipeline;

-- The moment from which a lock lies on a document with these times; on anything else from its own beginning.
create function lock_begins(l access_lock, uploaded_at timestamptz, changed_at timestamptz) returns timestamptz
language sql immutable as $$
  select greatest(l.valid_from, case l.counts_from when 'upload' then uploaded_at when 'change' then changed_at end + l.delay) $$;

-- The lock of a thing that is there, or comes next: {id, hides, at, counts}.
create function lock_shown(thing uuid) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
with t as (
  select n.path, null::uuid as document_id, null::timestamptz as uploaded_at, null::timestamptz as changed_at
    from node n where n.id = thing
  union all
  select n.path || d.id, d.id, d.created_at, d.changed_at from document d join node n on n.id = d.folder_id where d.id = thing
)
select jsonb_build_object('id', l.id, 'hides', l.hides, 'at', lock_begins(l, t.uploaded_at, t.changed_at), 'counts', l.counts_from is not null)
  from t join access_lock l on l.thing_id = any(t.path)
 where l.made_by is not null and l.valid_until > now()
   and (l.counts_from is null or t.document_id is not null
        and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.document_id))
 order by lock_begins(l, t.uploaded_at, t.changed_at), l.hides desc limit 1 $$;

create or replace view document_shown with (security_invoker = true) as
select d.id, d.project_id, d.folder_id, d.name, d.created_at,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as created_by,
       jsonb_build_object(
         'id', v.id, 'no', v.no, 'size', v.size, 'declared_type', v.declared_type, 'detected_type', v.detected_type,
         'sha256', encode(v.sha256, 'hex'), 'state', v.state, 'scan_result', v.scan_result, 'preview_result', v.preview_result,
         'page_count', v.page_count, 'pages_ready', (select count(*) from page p where p.version_id = v.id),
         'created_by', case when vc.id is not null then jsonb_build_object('id', vc.id, 'name', vc.name) end,
         'received_at', v.received_at) as version,
       d.tags, d.description, d.described_at, d.waits, lock_shown(d.id) as lock
  from document d
  join version v on v.id = d.current_version_id
  left join person c on c.id = d.created_by
  left join person vc on vc.id = v.created_by;

-- Locks that come within their days of notice and were not announced yet.
create function locks_coming(n int)
returns table (lock_id uuid, thing_id uuid, project_id uuid, document_id uuid, begins_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
with soon as materialized (
  select l as lock, l.node_id, l.document_id, l.counts_from from access_lock l
   where l.made_by is not null and l.notice_days > 0 and l.valid_until > now()
),
coming as (
  select s.lock, coalesce(s.node_id, s.document_id) as thing_id, coalesce(m.project_id, d.project_id) as project_id, d.id as document_id,
         (s.lock).valid_from as begins_at
    from soon s left join node m on m.id = s.node_id left join document d on d.id = s.document_id
   where s.counts_from is null
  union all
  select s.lock, d.id, d.project_id, d.id, lock_begins(s.lock, d.created_at, d.changed_at)
    from soon s
   cross join lateral (
     select d.* from document d where d.id = s.document_id
     union all
     select d.* from node m join document d on d.folder_id = m.id where m.path @> array[s.node_id]) d
   where s.counts_from is not null
     and not exists (select from lock_exception e where e.lock_id = (s.lock).id and e.document_id = d.id)
)
select (c.lock).id, c.thing_id, c.project_id, c.document_id, c.begins_at
  from coming c
 where c.begins_at > now() and c.begins_at <= now() + (c.lock).notice_days * interval '24 hours'
   and not exists (select from lock_announced a
                    where a.lock_id = (c.lock).id and a.thing_id = c.thing_id and a.begins_at = c.begins_at)
 limit n $$;

-- As in 0035_dashboard.sql, with what waits for its release by somebody else than who uploaded it.
create or replace function dashboard(person uuid, at timestamptz)
returns table (list text, kind text, id uuid, title text, project_id uuid, happened_at timestamptz, by_name text)
language plpgsql stable security definer rows 100
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
  since constant timestamptz := at - interval '60 days';
  most constant int := 50;
  me person;
begin
  select * into me from person p where p.id = person;
  return query
  with v as materialized (
    select v.document_id, v.project_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      left join person b on b.id = v.created_by
     where v.received_at > greatest(since, me.unread_since) and b.staff_role is null and v.erased_at is null
       and not exists (select from opened o where o.person_id = person and o.document_id = v.document_id and o.version_id = v.id)
       and not exists (select from read_until r where r.person_id = person and r.project_id = v.project_id and r.at >= v.received_at)
     order by v.received_at desc limit 300)
  select 'arrived', 'document', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0 order by v.received_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      join node p on p.id = v.project_id and p.client_id is not null
      join person b on b.id = v.created_by and b.staff_role is not null
     where v.received_at > since and v.state = 'ready' and v.erased_at is null
       and not exists (select from opened o join person x on x.id = o.person_id and x.staff_role is null
                        where o.document_id = v.document_id and o.version_id = v.id)
     order by v.received_at desc limit 300)
  select 'clients', 'unopened', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0
     -- Somebody of the client may see it: what is the firm's own in a client's project waits for nobody.
     and exists (select from membership x join node p on p.client_id = x.organisation_id and p.id = d.project_id
                  cross join lateral access_levels(array[x.person_id], array[d.id], at) y
                  where at >= x.valid_from and at < x.valid_until and y.level > 0)
   order by v.received_at desc limit most;

  return query
  select 'clients', 'link', l.id, l.recipient, l.project_id, l.created_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.secret_hash is not null and l.opens = 0
     and l.valid_until > at and l.created_at > since
   order by l.created_at desc limit most;

  return query
  select 'clients', 'invitation', i.person_id, p.name, null::uuid, i.created_at, null::text
    from one_time_link i join person p on p.id = i.person_id
   where i.made_by = person and i.purpose = 'invitation' and i.used_at is null and i.created_at > since
     and not exists (select from one_time_link n where n.person_id = i.person_id and n.id > i.id)
   order by i.created_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v left join person b on b.id = v.created_by
     where v.received_at > since and v.state = 'held' and v.erased_at is null
     order by v.received_at desc limit 300)
  select 'us', 'held', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level = 4 order by v.received_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v left join person b on b.id = v.created_by
     where v.waits and v.created_by is distinct from person and v.erased_at is null
     order by v.received_at desc limit 300)
  select 'us', 'release', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level >= 3 and me.staff_role is not null order by v.received_at desc limit most;

  return query
  select 'us', 'renewal', l.id, l.recipient, l.project_id, l.renewal_asked_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.renewal_asked_at is not null
   order by l.renewal_asked_at desc limit most;

  return query
  with c as materialized (
    select c.id, c.documents, c.project_id, b.name as by_name, uuid_extract_timestamp(c.id) as written_at
      from comment c join person b on b.id = c.author_id and b.staff_role is null
     where c.id > uuidv7(since - now()) and c.taken_back_at is null
       and not exists (select from comment n join person s on s.id = n.author_id and s.staff_role is not null
                        where n.documents && c.documents and n.id > c.id)
     order by c.id desc limit 200)
  select distinct on (c.documents[1]) 'us', 'comment', d.id, d.name, c.project_id, c.written_at, c.by_name
    from c join document d on d.id = c.documents[1]
   where (select bool_and(a.level > 0) from access_levels(array[person], c.documents, at) a)
   order by c.documents[1], c.written_at desc limit most;

  if me.staff_role = 'administrator' then
    return query
    select 'us', 'job', null::uuid, count(*)::text, null::uuid, max(j.done_at), null::text
      from job j where j.state = 'dead' having count(*) > 0;
  end if;
end $$;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check
  check (kind in ('document', 'version', 'access', 'renewal', 'comment', 'archive', 'archive_failed', 'guest', 'lock'));

revoke execute on function lock_begins, lock_shown, locks_coming from public;
grant execute on function lock_begins, lock_shown to portico_app;
grant execute on function lock_begins, locks_coming to portico_pipeline;

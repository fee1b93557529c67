-- Three parts of the rule that were missing: locks that come by themselves, grants that reach only what one uploaded
-- oneself, and documents of the firm that wait until a second person of the firm has released them.
--
-- The words of 0002_access.sql go on so: a grant that is for own uploads only is silent on documents that somebody else
-- uploaded; on folders and projects it speaks as any other. Each one in the chain of caps is asked for what they uploaded
-- themselves. What waits for its release is nothing for whoever is not of the firm: a gate, as walls are, that no grant
-- beats. A lock with a delay lies on each document below its thing, from its upload or its last change on.

-- Closed documents are 0046's; the rule below knows them already.
alter table document add column if not exists inherits boolean not null default true;

-- ── Own uploads only ───────────────────────────────────────────────────────────────────────────────────────

alter table access_grant add column own_only boolean not null default false;
-- A deny, a right to manage and a grant on one document say nothing that could be narrowed so; links upload nothing.
alter table access_grant add constraint grant_own_only
  check (not own_only or allows and level < 4 and node_id is not null and link_id is null);
create index grant_own_only on access_grant (thing_id) where own_only;

-- ── Locks that come by themselves ──────────────────────────────────────────────────────────────────────────

-- Both null: on the thing itself and all that is in it, from valid_from on. Else on each document below it, `delay` after
-- it was uploaded or last changed (a new version), and not before valid_from.
alter table access_lock add column counts_from text check (counts_from in ('upload', 'change'));
alter table access_lock add column delay interval;
alter table access_lock add constraint lock_delay check ((counts_from is null) = (delay is null));
drop index lock_thing;
create index lock_thing on access_lock (thing_id) include (hides, valid_from, valid_until, counts_from, delay, id);

-- Documents that such a lock passes over.
create table lock_exception (
  lock_id uuid not null references access_lock on delete cascade,
  document_id uuid not null references document,
  made_by uuid not null references person,
  at timestamptz not null default now(),
  primary key (lock_id, document_id)
);
grant select, insert, delete on lock_exception to portico_app;
grant select on lock_exception to portico_pipeline;

alter table document add column changed_at timestamptz not null default now();   -- its newest version's arrival (kept by trigger)
update document d set changed_at = coalesce((select max(v.received_at) from version v where v.document_id = d.id), d.created_at);

-- ── Four eyes ──────────────────────────────────────────────────────────────────────────────────────────────

-- On a project or folder, and all that is in it: what the firm brings from then on waits for a second one of the firm.
alter table node add column four_eyes boolean not null default false;
create index node_four_eyes on node (id) where four_eyes;
alter table version
  add column waits boolean not null default false,
  add column shown_by uuid references person,           -- who released it for the client
  add column shown_at timestamptz,
  add constraint version_shown check (not (waits and shown_at is not null));
create index version_waits on version (project_id, received_at) where waits;
alter table document add column waits boolean not null default false;            -- all its versions do    (kept by trigger)
grant update (four_eyes) on node to portico_app;
grant update (waits, shown_by, shown_at) on version to portico_app;

-- What the firm, or a machine, brings to such a place waits; what clients bring does not. Also when it was changed last.
create function version_arrived() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update document d set changed_at = a.at
    from (select arrived.document_id, max(arrived.received_at) as at from arrived group by 1) a
   where d.id = a.document_id and d.changed_at < a.at;
  if exists (select from node n where n.four_eyes) then
    update version v set waits = true
      from arrived a
      join document d on d.id = a.document_id
      join node f on f.id = d.folder_id
      left join person p on p.id = a.created_by
     where v.id = a.id and (a.created_by is null or p.staff_role is not null)
       and exists (select from node n where n.four_eyes and n.id = any(f.path));
  end if;
  return null;
end $$;
create trigger version_arrived after insert on version referencing new table as arrived
  for each statement execute function version_arrived();

-- A move to such a place is as an arrival, but for what a second one has seen already.
create function version_moved(documents uuid[]) returns void
language sql security definer set search_path = public, pg_temp as $$
  update version v set waits = true
   where v.document_id = any(documents) and not v.waits and v.shown_at is null
     and (v.created_by is null or exists (select from person p where p.id = v.created_by and p.staff_role is not null)) $$;

create function document_moved() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  gates int[] := array(
    select 1 from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = new.folder_id);
begin
  if gates <> '{}' and not exists (
    select from node f join node n on n.four_eyes and n.id = any(f.path) where f.id = old.folder_id) then
    perform version_moved(array[new.id]);
  end if;
  return null;
end $$;
create trigger document_moved after update of folder_id on document for each row
  when (old.folder_id <> new.folder_id) execute function document_moved();

create function node_moved() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select from node n where n.four_eyes and n.id = any(new.path))
     and not exists (select from node n where n.four_eyes and n.id = any(old.path)) then
    perform version_moved(array(
      with recursive below as (   -- paths further down may not have followed yet
        select new.id
        union all
        select n.id from node n join below on n.parent_id = below.id)
      select d.id from document d join below on below.id = d.folder_id));
  end if;
  return null;
end $$;
create trigger node_moved after update of parent_id on node for each row
  when (old.parent_id <> new.parent_id) execute function node_moved();

-- As in 0017_versions.sql; what waits is current only where everything does, so that it hides no older one.
create or replace function version_current_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  best record;
begin
  perform 1 from document d where d.id = new.document_id for no key update;
  select v.id, v.waits into best from version v where v.document_id = new.document_id
   order by v.waits, v.state in ('checked', 'previewing', 'ready') desc, v.no desc limit 1;
  update document d set current_version_id = best.id, waits = best.waits
   where d.id = new.document_id and (d.current_version_id is distinct from best.id or d.waits <> best.waits);
  return null;
end $$;
create trigger version_waits after update of waits on version for each row
  when (old.waits <> new.waits) execute function version_current_keep();

-- Whose eyes see versions that wait: the firm's own. Links, and looks through a client's eyes, are none of these.
create function access_sees_waiting(who uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from person p where p.id = who and p.staff_role is not null) $$;

-- Whether a version is kept from somebody until it is released, for what is told of versions by their ids.
create function access_kept(who uuid, version uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from version v where v.id = $2 and v.waits) and not access_sees_waiting($1) $$;

-- Of a document that is shown the newer versions may wait: the second wall hides these, unless the call said that who asks
-- is of the firm (functions/_shared/of-firm.ts).
drop policy wall on version;
create policy wall on version to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[])
         and (not waits or (select current_setting('app.of_firm', true)) = 'yes'));

-- Whether documents of a folder may have answers of their own although nothing is said of them by themselves.
create function access_apart(folder uuid) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from node f join access_grant g on g.own_only and g.thing_id = any(f.path) where f.id = folder)
      or exists (select from node f join access_lock l on l.counts_from is not null and l.thing_id = any(f.path)
                  where f.id = folder and l.valid_until > now()) $$;

-- ── The rule ───────────────────────────────────────────────────────────────────────────────────────────────

-- As in 0002_access.sql, with the three. `others`, `others_unlocked`: of folders and projects, what a document there has that
-- somebody else uploaded and of which nothing more is said; null of documents.
drop function access_levels(uuid[], uuid[], timestamptz);
create function access_levels(whos uuid[], things uuid[], at timestamptz)
returns table (who uuid, thing_id uuid, level smallint, unlocked smallint, others smallint, others_unlocked smallint)
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin return query
with i as materialized (select * from access_selves(whos, at)),
t as materialized (
  select n.id, n.path, n.cut, n.client_id, false as is_document, null::uuid as made_by, false as waits,
         null::timestamptz as uploaded_at, null::timestamptz as changed_at
    from node n where n.id = any(things)
  union all
  select d.id, n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, n.client_id, true,
         d.created_by, d.waits, d.created_at, d.changed_at
    from document d join node n on n.id = d.folder_id where d.id = any(things)
),
stop as materialized (
  select t.id as thing_id, t.cut, t.is_document, t.made_by, t.uploaded_at, t.changed_at, s.id, s.place
    from t, unnest(t.path) with ordinality s(id, place)
),
place as materialized (select distinct stop.id from stop),
spoken as materialized (
  select i.id as self_id, place.id, g.rank, g.level, g.allows, g.own_only
    from i cross join place
   cross join lateral (
     select g.rank, g.level, g.allows, g.own_only from access_grant g
      where g.thing_id = place.id and g.principal_id = any(i.principals)
        and at >= g.valid_from and at < g.valid_until offset 0) g
),
held as materialized (
  select s.self_id, stop.thing_id,
         access_fold(s.level, s.allows order by stop.place, s.rank)
           filter (where not s.own_only or not stop.is_document or stop.made_by = s.self_id) as level,
         access_fold(s.level, s.allows order by stop.place, s.rank) filter (where not s.own_only) as others
    from spoken s join stop on stop.id = s.id and stop.place >= stop.cut
   group by 1, 2
),
locked as materialized (
  select place.id, l.id as lock_id, case when l.hides then 0 else 1 end as level, l.counts_from, l.delay from place
   cross join lateral (
     select l.id, l.hides, l.counts_from, l.delay from access_lock l
      where l.thing_id = place.id and at >= l.valid_from and at < l.valid_until offset 0) l
),
ceiling as materialized (
  select stop.thing_id, min(locked.level) as level from locked join stop on stop.id = locked.id
   where locked.counts_from is null
      or stop.is_document
         and at >= case locked.counts_from when 'upload' then stop.uploaded_at else stop.changed_at end + locked.delay
         and not exists (select from lock_exception e where e.lock_id = locked.lock_id and e.document_id = stop.thing_id)
   group by 1
),
barred as materialized (
  select i.id as self_id, c.client_id
    from i cross join (select distinct t.client_id, t.path[1] as firm from t where t.client_id is not null) c
   where exists (select from exclusion e where e.person_id = i.id and e.client_id = c.client_id)
      or i.staff
         and (select n.walls from node n where n.id = c.firm)
         and (select true from assignment a
               where a.client_id = c.client_id and a.principal_id = any(i.principals)
                 and at >= a.valid_from and at < a.valid_until limit 1) is null
),
own as (
  select i.who, t.id,
         min(case when i.alive and barred.self_id is null and (i.staff or not t.waits) then coalesce(held.level, 0) else 0 end)
           as level,
         case when not bool_and(t.is_document) then
           min(case when i.alive and barred.self_id is null then coalesce(held.others, 0) else 0 end) end as others
    from i cross join t
    left join held on held.self_id = i.id and held.thing_id = t.id
    left join barred on barred.self_id = i.id and barred.client_id = t.client_id
   group by 1, 2
)
select w.who, t.id, least(coalesce(own.level, 0), ceiling.level)::smallint, coalesce(own.level, 0)::smallint,
       case when own.others is not null then least(own.others, ceiling.level) end::smallint, own.others::smallint
  from unnest(whos) w(who) cross join unnest(things) t(id)
  left join own on own.who = w.who and own.id = t.id
  left join ceiling on ceiling.thing_id = t.id;
end $$;

-- As in 0002_access.sql; locks with a delay lie on documents.
create or replace function access_visible(who uuid, at timestamptz)
returns table (node_id uuid, level smallint, unlocked smallint)
language plpgsql stable rows 5000 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  selves int := (select count(*) from access_selves(array[who], at));
  reach uuid[] := access_reach(who, at);
begin return query
with i as materialized (select s.* from access_selves(array[who], at) s),
mine as materialized (
  select i.id as self_id, g.node_id as id, g.rank, g.level, g.allows
    from i join access_grant g on g.principal_id = any(i.principals)
   where g.node_id is not null and at >= g.valid_from and at < g.valid_until),
locked as materialized (
  select l.node_id as id, min(case when l.hides then 0 else 1 end) as level
    from access_lock l
   where l.node_id is not null and l.counts_from is null and at >= l.valid_from and at < l.valid_until group by 1),
inside as materialized (select unnest(reach) as id),
x as materialized (
  select mine.id from mine union select locked.id from locked
  union select c.id from node c where not c.inherits union select inside.id from inside),
point as materialized (
  select n.id, n.path, n.cut, n.project_id from x
   cross join lateral (select n.* from node n where n.id = x.id offset 0) n
   where n.project_id in (select inside.id from inside)),
stop as materialized (
  select p.id as point_id, p.cut, s.id, s.place from point p, unnest(p.path) with ordinality s(id, place)),
held as (
  select mine.self_id, stop.point_id, access_fold(mine.level, mine.allows order by stop.place, mine.rank) as level
    from stop join mine on mine.id = stop.id where stop.place >= stop.cut group by 1, 2),
own as (
  select held.point_id, min(held.level) as level from held group by 1 having selves = 1 or count(*) = selves),
ceiling as (
  select stop.point_id, min(locked.level) as level from stop join locked on locked.id = stop.id group by 1),
answer as materialized (
  select p.id, p.project_id, cardinality(p.path) as depth, coalesce(own.level, 0)::smallint as unlocked,
         least(coalesce(own.level, 0), ceiling.level)::smallint as level
    from point p left join own on own.point_id = p.id left join ceiling on ceiling.point_id = p.id),
deep as materialized (select a.* from answer a where a.id <> a.project_id),
below as materialized (
  select distinct on (n.id) n.id, d.level, d.unlocked
    from deep d join node n on n.project_id = d.project_id and d.id = any(n.path)
   order by n.id, d.depth desc)
select n.id, a.level, a.unlocked from answer a join node n on n.project_id = a.project_id
 where a.id = a.project_id and a.level > 0 and n.id not in (select below.id from below)
union all
select b.id, b.level, b.unlocked from below b where b.level > 0;
end $$;

-- As in 0002_access.sql, with what documents of others have there.
drop function access_of_node(uuid, uuid, timestamptz);
create function access_of_node(person uuid, node uuid, at timestamptz)
returns table (kind text, project_id uuid, parent_id uuid, level smallint, unlocked smallint, others smallint, others_unlocked smallint)
language sql stable rows 1 security definer set search_path = public, pg_temp as $$
  select n.kind, n.project_id, n.parent_id, a.level, a.unlocked, a.others, a.others_unlocked
    from access_levels(array[$1], array[$2], $3) a join node n on n.id = a.thing_id $$;

-- As in 0002_access.sql. A document without a say of its own has the answer that its folder gives for documents of others,
-- unless it is the asker's own and that matters, or waits, or a lock counts from its own day: then the rule is asked for it.
create or replace function access_list(
  person uuid, folder uuid, at timestamptz,
  after_name text default '', after_id uuid default '00000000-0000-0000-0000-000000000000', n int default 100)
returns table (id uuid, name text, level smallint, unlocked smallint)
language plpgsql stable rows 100 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  here record;
  selves uuid[] := '{}';   -- whose own documents are asked for one by one
  timed boolean;           -- a lock here counts from each document's own day
  hidden uuid[] := '{}';   -- folders of this project that are not visible but hold documents with a say of their own
  page document[];
  size int := n;
  found int := 0;
  got int;
begin
  select o.* into here from access_of_node(person, folder, at) o;
  if here is null or here.kind = 'firm' or (here.kind = 'folder' and here.level = 0) then return; end if;
  if here.others <> here.level or here.others_unlocked <> here.unlocked then
    selves := array(select s.id from access_selves(array[person], at) s);
  end if;
  timed := here.level > 0 and exists (
    select from node n join access_lock l on l.thing_id = any(n.path)
     where n.id = folder and l.counts_from is not null and at >= l.valid_from and at < l.valid_until);
  if here.kind = 'project' then
    hidden := array(
      select a.thing_id
        from access_levels(array[person], array(
               select distinct d.folder_id from document d
                where d.project_id = folder and d.own_scope and d.folder_id <> folder), at) a
       where a.level = 0);
  end if;
  loop
    page := array(
      select x.d from (
        (select d from document d
          where d.folder_id = folder and (here.others > 0 or d.own_scope or d.waits or timed or d.created_by = any(selves))
            and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)
        union all
        (select d from document d
          where d.folder_id = any(hidden) and d.own_scope and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)) x
       order by (x.d).name, (x.d).id limit size);
    return query
    with a as materialized (
      select * from access_levels(array[person], array(
        select d.id from unnest(page) d where d.own_scope or d.waits or timed or d.created_by = any(selves)), at))
    select d.id, d.name,
           case when a.thing_id is not null then a.level else here.others end,
           case when a.thing_id is not null then a.unlocked else here.others_unlocked end
      from unnest(page) d left join a on a.thing_id = d.id
     where a.thing_id is null or a.level > 0
     order by d.name, d.id limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n or cardinality(page) < size;
    after_name := page[size].name; after_id := page[size].id;
    size := least(size * 2, 2000);
  end loop;
end $$;

-- As in 0002_access.sql; what is for own uploads only is not heard on those of others.
create or replace function access_heard(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, self_id uuid, place bigint, hearing bigint, level smallint, allows boolean, grant_id uuid, held smallint)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with t as (
  select n.path, n.cut, false as is_document, null::uuid as made_by from node n where n.id = thing
  union all
  select n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, true, d.created_by
    from document d join node n on n.id = d.folder_id where d.id = thing
)
select i.who, i.id, s.place, row_number() over heard, g.level, g.allows, g.id,
       access_fold(g.level, g.allows) over heard
  from access_selves(whos, at) i
 cross join t
 cross join lateral unnest(t.path) with ordinality s(id, place)
 cross join lateral (
   select g.* from access_grant g
    where g.thing_id = s.id and g.principal_id = any(i.principals)
      and at >= g.valid_from and at < g.valid_until offset 0) g
 where s.place >= t.cut and (not g.own_only or not t.is_document or t.made_by = i.id)
window heard as (partition by i.who, i.id order by s.place, g.rank, g.id) $$;

-- As in 0002_access.sql. step 'waiting' (source: the person): not released yet.
create or replace function access_explain(person uuid, thing uuid, at timestamptz)
returns table (self_id uuid, place bigint, step text, source uuid, level smallint, held smallint)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with i as materialized (select * from access_selves(array[person], at)),
t as materialized (
  select n.path, n.client_id, f.walls, false as waits, null::uuid as document_id, null::timestamptz as uploaded_at,
         null::timestamptz as changed_at
    from node n join node f on f.id = n.path[1] where n.id = thing
  union all
  select n.path || d.id, n.client_id, f.walls, d.waits, d.id, d.created_at, d.changed_at
    from document d join node n on n.id = d.folder_id join node f on f.id = n.path[1] where d.id = thing
),
x as (
  select h.self_id, h.place, h.hearing, case when h.allows then 'allow' else 'deny' end as step, h.grant_id as source,
         h.level, h.held
    from access_heard(array[person], thing, at) h
  union all
  select i.id, null, 0, case when not i.alive then 'not active' when i.id <> person then 'no more than' else 'self' end,
         i.id, null, null
    from i
  union all
  select i.id, null, 1, 'excluded', i.id, null, null
    from i join t on exists (select from exclusion e where e.person_id = i.id and e.client_id = t.client_id)
  union all
  select i.id, null, 2, 'walled off', i.id, null, null
    from i join t on i.staff and t.walls and t.client_id is not null
     and not exists (select from assignment a where a.client_id = t.client_id and a.principal_id = any(i.principals)
                        and at >= a.valid_from and at < a.valid_until)
  union all
  select i.id, null, 3, 'waiting', i.id, null, null from i join t on t.waits and not i.staff
  union all
  select null, s.place, 3, case when l.hides then 'hidden' else 'view only' end, l.id,
         (case when l.hides then 0 else 1 end)::smallint, null
    from t, unnest(t.path) with ordinality s(id, place) join access_lock l on l.thing_id = s.id
   where at >= l.valid_from and at < l.valid_until
     and (l.counts_from is null
          or at >= case l.counts_from when 'upload' then t.uploaded_at else t.changed_at end + l.delay
             and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.document_id))
  union all
  select null, null, 4, 'answer', null, a.level, a.unlocked from access_levels(array[person], array[thing], at) a
)
select x.self_id, x.place, x.step, x.source, x.level, x.held from x
 order by x.self_id is null, x.self_id <> person, x.self_id, x.place nulls last, x.hearing $$;

-- As in 0002_access.sql, with what documents of others have there.
drop function access_who(uuid, timestamptz);
create function access_who(thing uuid, at timestamptz)
returns table (who uuid, level smallint, unlocked smallint, others smallint)
language sql stable security definer set search_path = public, pg_temp as $$
with t as (
  select n.path from node n where n.id = thing
  union all
  select n.path || d.id from document d join node n on n.id = d.folder_id where d.id = thing
)
select a.who, a.level, a.unlocked, a.others
  from access_levels(
         access_people(array(
           select distinct g.principal_id from access_grant g, t
            where g.thing_id = any(t.path) and g.allows and at >= g.valid_from and at < g.valid_until)),
         array[thing], at) a
 where a.unlocked > 0 $$;

-- As in 0002_access.sql. Somebody may keep a folder's level and lose, or gain, what others put into it: others_before and
-- others_after say so, and such a row is told too.
drop function access_preview(access_grant, uuid, timestamptz, int);
create function access_preview(added access_grant, removed uuid, at timestamptz, most int default 500)
returns table (who uuid, thing_id uuid, before smallint, after smallint, others_before smallint, others_after smallint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  g access_grant := added;
  things uuid[];
  whos uuid[];
  a jsonb;
  b jsonb;
begin
  if removed is not null then select * into strict g from access_grant x where x.id = removed; end if;
  whos := access_people(array[coalesce(g.person_id, g.group_id, g.organisation_id, g.link_id)]);
  whos := array(select unnest(whos) union select p.id from person p where p.capped_by = any(whos));
  whos := array(select unnest(whos) union select l.id from link l where l.made_by = any(whos));
  things := array[coalesce(g.node_id, g.document_id)]
    || array(select n.id from node n
              where g.node_id is not null and n.path @> array[g.node_id] and n.id = n.scope_id and n.id <> g.node_id
              limit most)
    || array(select d.id from node n join document d on d.folder_id = n.id
              where g.node_id is not null and n.path @> array[g.node_id] and d.own_scope
              limit most);
  a := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level, l.others)) from access_levels(whos, things, at) l);
  begin
    if removed is not null then
      delete from access_grant x where x.id = removed;
    else
      insert into access_grant (person_id, group_id, organisation_id, link_id, node_id, document_id, level, allows, valid_from, valid_until,
                                own_only)
      values (g.person_id, g.group_id, g.organisation_id, g.link_id, g.node_id, g.document_id, g.level, g.allows, g.valid_from, g.valid_until,
              coalesce(g.own_only, false));
    end if;
    b := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level, l.others)) from access_levels(whos, things, at) l);
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select (x.v->>0)::uuid, (x.v->>1)::uuid, (x.v->>2)::smallint, (y.v->>2)::smallint, (x.v->>3)::smallint,
         (y.v->>3)::smallint
    from jsonb_array_elements(a) x(v) join jsonb_array_elements(b) y(v) on x.v->0 = y.v->0 and x.v->1 = y.v->1
   where x.v->2 <> y.v->2 or x.v->3 <> y.v->3;
end $$;

-- As in 0045_simulator.sql, with locks that count from a document's own day.
create or replace function access_moments(asker uuid, thing uuid, at timestamptz) returns setof timestamptz
language sql stable security definer set search_path = public, pg_temp as $$
with path as materialized (
  select n.path, n.client_id, null::timestamptz as uploaded_at, null::timestamptz as changed_at from node n where n.id = thing
  union all
  select n.path || d.id, n.client_id, d.created_at, d.changed_at from document d join node n on n.id = d.folder_id where d.id = thing
),
chain as materialized (
  select s.id from access_selves(array[asker], at) s
),
principal as materialized (
  select chain.id from chain
  union
  select unnest(array[m.container_id, n.outer_id])
    from membership m left join group_nesting n on n.inner_id = m.group_id where m.person_id in (select chain.id from chain)
),
moment as (
  select unnest(array[g.valid_from, g.valid_until]) as moment_at from access_grant g, path
   where g.thing_id = any(path.path) and g.principal_id in (select principal.id from principal)
  union
  select unnest(array[k.valid_from, k.valid_until]) from access_lock k, path where k.thing_id = any(path.path)
  union
  select case k.counts_from when 'upload' then path.uploaded_at else path.changed_at end + k.delay
    from access_lock k, path where k.thing_id = any(path.path) and k.counts_from is not null and path.uploaded_at is not null
  union
  select unnest(array[m.valid_from, m.valid_until]) from membership m where m.person_id in (select chain.id from chain)
  union
  select unnest(array[a.valid_from, a.valid_until]) from assignment a, path
   where a.client_id = path.client_id and a.principal_id in (select principal.id from principal)
  union
  select unnest(array[p.valid_from, p.valid_until]) from person p where p.id in (select chain.id from chain)
  union
  select unnest(array[l.valid_from, l.valid_until]) from link l where l.id = asker
)
select moment.moment_at from moment where moment.moment_at > at and moment.moment_at < 'infinity' order by 1 $$;

revoke execute on function version_arrived, version_moved, document_moved, node_moved, access_sees_waiting, access_kept,
  access_apart, access_levels, access_of_node, access_who, access_preview from public;
grant execute on function access_levels, access_of_node, access_who, access_preview to portico_app;
grant execute on function access_levels, access_of_node, access_who to portico_pipeline;
grant execute on function access_sees_waiting, access_kept, access_apart to portico_app, portico_pipeline;

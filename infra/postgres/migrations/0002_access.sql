-- Who may do what: the one place where it is decided. Lists, decisions, reasons and previews all fold grants with access_step.
--
-- Walk from the firm down to the thing, starting at the nearest closed thing if there is one. At each stop listen first
-- to organisations, then to groups, then to the person (or the link); within each, allows before denies. An allow lifts to
-- its level whoever holds less; a deny cuts to just below its level whoever holds more. Grants outside [from, until) are
-- silent. Then take the minimum with whoever caps the asker (a link: its maker; a sub-account: its administrator), nothing
-- if inactive, an auditor, walled off or excluded, and last the ceiling of a lock.
--
-- Levels: 0 nothing, 1 view, 2 download, 3 contribute, 4 manage. `unlocked` is the level without locks: whoever would
-- manage without the lock may lift it. Plans are pinned where it was measured to matter: planning one decision anew costs
-- three times its execution, and a generic plan of a set function took seconds.

-- ── What triggers keep: path, cut and scope of a node, own_scope and project of a document ─────────────────
-- They are owned by portico_owner and run as it, so that nobody else needs the right to write these columns.
-- Each reads its parent `for share`: a concurrent change above either waits for us and then reaches us, or we wait for it.

create function node_place() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  up node;
begin
  if new.parent_id is null then
    new.path := array[new.id]; new.cut := 1; new.scope_id := new.id;
    return new;
  end if;
  select * into strict up from node where id = new.parent_id for share;
  if new.id = any(up.path) then
    raise exception 'a folder cannot be moved into itself' using errcode = 'check_violation';
  end if;
  new.path := up.path || new.id;
  new.cut := case when new.inherits then up.cut else cardinality(new.path) end;
  new.project_id := case when new.kind = 'project' then new.id else up.project_id end;
  new.client_id := case when new.kind = 'project' then new.client_id else up.client_id end;
  new.scope_id := case
    when not new.inherits
      or exists (select from access_grant g where g.thing_id = new.id)
      or exists (select from access_lock l where l.thing_id = new.id) then new.id
    else up.scope_id end;
  return new;
end $$;
create trigger node_place before insert or update of parent_id, inherits, client_id on node
  for each row execute function node_place();

-- What hangs below follows, one step at a time.
create function node_below() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update node set parent_id = parent_id where parent_id = new.id;
  if old.project_id is distinct from new.project_id then
    update document set folder_id = folder_id where folder_id = new.id;
    update upload set project_id = new.project_id where folder_id = new.id;
  end if;
  return null;
end $$;
create trigger node_below after update of parent_id, inherits, client_id on node for each row
  when (old.path <> new.path or old.cut <> new.cut or old.scope_id <> new.scope_id
        or old.client_id is distinct from new.client_id)
  execute function node_below();

create function document_place() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  select n.project_id into new.project_id from node n where n.id = new.folder_id for share;
  if new.project_id is null then
    raise exception 'a document lies in a project' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger document_place before insert or update of folder_id on document
  for each row execute function document_place();

-- The second wall (0003_security.sql) reads these copies.
create function document_below() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update version set project_id = new.project_id where document_id = new.id;
  update page set project_id = new.project_id from version v where v.id = version_id and v.document_id = new.id;
  return null;
end $$;
create trigger document_below after update of folder_id on document for each row
  when (old.project_id <> new.project_id) execute function document_below();

-- The thing's row is locked before looking: two transactions that give and take at once would each see only half.
create function scope_refresh() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  thing uuid := coalesce(new.thing_id, old.thing_id);
  own boolean;
begin
  if coalesce(new.document_id, old.document_id) is not null then
    perform from document where id = thing for no key update;
  else
    perform from node where id = thing for no key update;
  end if;
  own := exists (select from access_grant g where g.thing_id = thing)
      or exists (select from access_lock l where l.thing_id = thing);
  update document set own_scope = own where id = thing and own_scope <> own;
  update node set parent_id = parent_id
   where id = thing and (scope_id = id) <> (own or not inherits or parent_id is null);
  return null;
end $$;
create trigger grant_scope after insert or delete on access_grant for each row execute function scope_refresh();
create trigger lock_scope after insert or delete on access_lock for each row execute function scope_refresh();

create function nesting_once() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('group_nesting'));
  if exists (select from group_nesting where inner_id = new.outer_id or outer_id = new.inner_id) then
    raise exception 'groups nest once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger nesting_once before insert or update on group_nesting
  for each row execute function nesting_once();

create function cap_once() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.capped_by is null then return new; end if;
  perform pg_advisory_xact_lock(hashtext('capped_by'));
  if exists (select from person where id = new.capped_by and capped_by is not null)
     or exists (select from person where capped_by = new.id) then
    raise exception 'a sub-account has no sub-accounts' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger cap_once before insert or update of capped_by on person
  for each row execute function cap_once();

-- ── The rule ───────────────────────────────────────────────────────────────────────────────────────────────

-- How one more grant changes what is held.
create function access_step(held smallint, level smallint, allows boolean) returns smallint
language plpgsql immutable parallel safe as $$
begin
  return case when allows then greatest(held, level) else least(held, level - 1) end;
end $$;
create aggregate access_fold(smallint, boolean) (
  sfunc = access_step, stype = smallint, initcond = '0', parallel = safe
);

-- Who asks (people and links), and as rows of their own those whom that one may not exceed.
-- principals: the names that grants to this one can bear: self, organisations, groups, groups around those groups.
create function access_selves(whos uuid[], at timestamptz)
returns table (who uuid, id uuid, alive boolean, staff boolean, principals uuid[])
language sql stable as $$
with recursive chain as (
  (select l.id as who, l.id, l.made_by as cap, at >= l.valid_from and at < l.valid_until as alive, null as role, 1 as step
     from link l where l.id = any(whos)
   union all
   select p.id, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from person p where p.id = any(whos))
  union all
  select c.who, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, c.step + 1
    from chain c join person p on p.id = c.cap where c.step < 4   -- a link, its maker, the maker's administrator
)
select c.who, c.id, c.alive and c.role is distinct from 'auditor', c.role is not null,
       array(select c.id
             union all
             select unnest(array[m.container_id, n.outer_id])
               from membership m left join group_nesting n on n.inner_id = m.group_id
              where m.person_id = c.id and at >= m.valid_from and at < m.valid_until)
  from chain c $$;

-- The answers for every pair of asker and thing; a thing or person that does not exist is level 0.
create function access_levels(whos uuid[], things uuid[], at timestamptz)
returns table (who uuid, thing_id uuid, level smallint, unlocked smallint)
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin return query
with i as materialized (select * from access_selves(whos, at)),
t as materialized (
  select n.id, n.path, n.cut, n.client_id from node n where n.id = any(things)
  union all
  select d.id, n.path || d.id, n.cut, n.client_id
    from document d join node n on n.id = d.folder_id where d.id = any(things)
),
stop as materialized (
  select t.id as thing_id, t.cut, s.id, s.place from t, unnest(t.path) with ordinality s(id, place)
),
place as materialized (select distinct stop.id from stop),
spoken as materialized (
  select i.id as self_id, place.id, g.rank, g.level, g.allows
    from i cross join place
   cross join lateral (
     select g.rank, g.level, g.allows from access_grant g
      where g.thing_id = place.id and g.principal_id = any(i.principals)
        and at >= g.valid_from and at < g.valid_until offset 0) g
),
held as materialized (
  select s.self_id, stop.thing_id, access_fold(s.level, s.allows order by stop.place, s.rank) as level
    from spoken s join stop on stop.id = s.id and stop.place >= stop.cut
   group by 1, 2
),
locked as materialized (
  select place.id, l.level from place
   cross join lateral (
     select min(case when l.hides then 0 else 1 end) as level from access_lock l
      where l.thing_id = place.id and at >= l.valid_from and at < l.valid_until) l
   where l.level is not null
),
ceiling as materialized (
  select stop.thing_id, min(locked.level) as level from locked join stop on stop.id = locked.id group by 1
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
         min(case when i.alive and barred.self_id is null then coalesce(held.level, 0) else 0 end) as level
    from i cross join t
    left join held on held.self_id = i.id and held.thing_id = t.id
    left join barred on barred.self_id = i.id and barred.client_id = t.client_id
   group by 1, 2
)
select w.who, t.id, least(coalesce(own.level, 0), ceiling.level)::smallint, coalesce(own.level, 0)::smallint
  from unnest(whos) w(who) cross join unnest(things) t(id)
  left join own on own.who = w.who and own.id = t.id
  left join ceiling on ceiling.thing_id = t.id;
end $$;

-- Projects in which somebody may see anything at all: a cheap superset, for row-level security and for search. Of its two
-- filters, gates (active, walls, exclusions) are exact; denies and locks are not looked at.
create function access_reach(who uuid, at timestamptz) returns uuid[]
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
  i record;
  found uuid[];
  result uuid[];
begin
  for i in select s.* from access_selves(array[who], at) s loop
    if not i.alive then return '{}'; end if;
    with mine as materialized (
      select distinct g.node_id, g.document_id from access_grant g
       where g.principal_id = any(i.principals) and g.allows and at >= g.valid_from and at < g.valid_until),
    mine_node as materialized (
      select n.kind, n.id, n.project_id, n.client_id, n.path[1] as firm from mine join node n on n.id = mine.node_id),
    p as (
      select n.project_id as id, n.client_id, n.firm from mine_node n where n.kind <> 'firm'
      union all
      select n.id, n.client_id, f.id
        from mine_node f join node n on n.parent_id = f.id and n.kind = 'project' where f.kind = 'firm'
      union all
      select n.id, n.client_id, n.path[1]
        from mine join document d on d.id = mine.document_id join node n on n.id = d.project_id)
    select array_agg(distinct p.id) into found from p
     where p.client_id is null
        or (not i.staff
            or p.client_id in (
                 select a.client_id from assignment a
                  where a.principal_id = any(i.principals) and at >= a.valid_from and at < a.valid_until)
            or p.firm in (select n.id from node n where n.kind = 'firm' and not n.walls))
           and p.client_id not in (select e.client_id from exclusion e where e.person_id = i.id);
    result := case when result is null then coalesce(found, '{}')
                   else array(select unnest(result) intersect select unnest(found)) end;
  end loop;
  return coalesce(result, '{}');
end $$;

-- All folders and projects that somebody can see. A node's answer is that of the nearest point above it where anything
-- changes for this person. Costs 0.2 s for a partner with 100,000 folders: ask for one project (access_tree) instead.
create function access_visible(who uuid, at timestamptz)
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
   where l.node_id is not null and at >= l.valid_from and at < l.valid_until group by 1),
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

-- ── Questions that handlers ask ────────────────────────────────────────────────────────────────────────────

-- One document: a row if it exists, level 0 included (the handler makes "not found" of both).
create function access_of_document(person uuid, document uuid, at timestamptz)
returns table (project_id uuid, folder_id uuid, level smallint, unlocked smallint)
language sql stable rows 1 security definer set search_path = public, pg_temp as $$
  select d.project_id, d.folder_id, a.level, a.unlocked
    from access_levels(array[$1], array[$2], $3) a join document d on d.id = a.thing_id $$;

-- One project or folder (or the firm): a row if it exists, level 0 included.
create function access_of_node(person uuid, node uuid, at timestamptz)
returns table (kind text, project_id uuid, parent_id uuid, level smallint, unlocked smallint)
language sql stable rows 1 security definer set search_path = public, pg_temp as $$
  select n.kind, n.project_id, n.parent_id, a.level, a.unlocked
    from access_levels(array[$1], array[$2], $3) a join node n on n.id = a.thing_id $$;

-- The projects of somebody's overview. Level 0: nothing of the project itself may be seen, but something inside it; it is
-- shown as a label over that. Something inside a project of level 0 can only come from an allow below the project that
-- speaks for the asker or for whoever caps the asker, and is visible first at such a place itself.
create function access_projects(person uuid, at timestamptz)
returns table (project_id uuid, level smallint)
language plpgsql stable rows 100 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  reach uuid[] := access_reach(person, at);
  dark uuid[] := '{}';   -- nothing of the project itself, locks or not: below a lock nothing shows anyway
  slice uuid[];
  ids uuid[];
  levels smallint[];
  unlocked smallint[];
begin
  for start in 1 .. cardinality(reach) by 500 loop   -- the rule's plan is made for few things
    slice := reach[start:start + 499];
    select array_agg(a.thing_id), array_agg(a.level), array_agg(a.unlocked) into ids, levels, unlocked
      from access_levels(array[person], slice, at) a;
    return query select x.id, x.level from unnest(ids, levels) x(id, level) where x.level > 0;
    dark := dark || array(select x.id from unnest(ids, unlocked) x(id, level) where x.level = 0);
  end loop;
  if dark = '{}' then return; end if;
  return query
  with mine as materialized (
    select distinct g.node_id, g.document_id
      from access_selves(array[person], at) i join access_grant g on g.principal_id = any(i.principals)
     where g.allows and at >= g.valid_from and at < g.valid_until),
  inside as materialized (
    select x.id, x.project_id from mine
     cross join lateral (
       select n.id, n.project_id from node n where n.id = mine.node_id and n.kind = 'folder'
       union all
       select d.id, d.project_id from document d where d.id = mine.document_id
       offset 0) x   -- one by one: estimates of what one holds would make the planner read whole tables
     where x.project_id = any(dark))
  select distinct inside.project_id, 0::smallint
    from access_levels(array[person], array(select inside.id from inside), at) a
    join inside on inside.id = a.thing_id
   where a.level > 0;
end $$;

-- The visible nodes of one project, itself included. parent_id is null where the parent is not visible: what lies above a
-- visible thing is not revealed. A node without a say of its own has the answer of its scope.
create function access_tree(person uuid, project uuid, at timestamptz)
returns table (node_id uuid, parent_id uuid, kind text, name text, level smallint, unlocked smallint)
language plpgsql stable rows 100 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin return query
with n as materialized (
  select n.id, n.parent_id, n.kind, n.name, case when s.project_id = project then s.id else project end as scope_id
    from node n join node s on s.id = n.scope_id where n.project_id = project),
a as materialized (
  select * from access_levels(array[person], array(select distinct n.scope_id from n), at)),
seen as materialized (
  select n.*, a.level, a.unlocked from n join a on a.thing_id = n.scope_id where a.level > 0)
select s.id, up.id, s.kind, s.name, s.level, s.unlocked from seen s left join seen up on up.id = s.parent_id
 order by s.name, s.id;
end $$;

-- One page of a folder's documents by (name, id) after the given pair; fewer than n rows: it was the last page. The page
-- of a project holds besides its own documents those whose folder may not be seen. A document without grants or locks of
-- its own has its folder's answer. An invisible folder's page is empty.
create function access_list(
  person uuid, folder uuid, at timestamptz,
  after_name text default '', after_id uuid default '00000000-0000-0000-0000-000000000000', n int default 100)
returns table (id uuid, name text, level smallint, unlocked smallint)
language plpgsql stable rows 100 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  here record;
  hidden uuid[] := '{}';   -- folders of this project that are not visible but hold documents with a say of their own
  page document[];
  size int := n;
  found int := 0;
  got int;
begin
  select o.* into here from access_of_node(person, folder, at) o;
  if here is null or here.kind = 'firm' or (here.kind = 'folder' and here.level = 0) then return; end if;
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
          where d.folder_id = folder and (here.level > 0 or d.own_scope) and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)
        union all
        (select d from document d
          where d.folder_id = any(hidden) and d.own_scope and (d.name, d.id) > (after_name, after_id)
          order by d.name, d.id limit size)) x
       order by (x.d).name, (x.d).id limit size);
    return query
    with a as materialized (
      select * from access_levels(array[person], array(select d.id from unnest(page) d where d.own_scope), at))
    select d.id, d.name,
           case when d.own_scope then a.level else here.level end,
           case when d.own_scope then a.unlocked else here.unlocked end
      from unnest(page) d left join a on a.thing_id = d.id
     where not d.own_scope or a.level > 0
     order by d.name, d.id limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n or cardinality(page) < size;
    after_name := page[size].name; after_id := page[size].id;
    size := least(size * 2, 2000);
  end loop;
end $$;

-- ── Reasons ────────────────────────────────────────────────────────────────────────────────────────────────

-- Every grant that speaks for these askers (and whoever caps them) on one thing, in the order in which it is heard, with
-- what is held after it.
create function access_heard(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, self_id uuid, place bigint, hearing bigint, level smallint, allows boolean, grant_id uuid, held smallint)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with t as (
  select n.path, n.cut from node n where n.id = thing
  union all
  select n.path || d.id, n.cut from document d join node n on n.id = d.folder_id where d.id = thing
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
 where s.place >= t.cut
window heard as (partition by i.who, i.id order by s.place, g.rank, g.id) $$;

-- The whole chain for one asker. step: 'allow', 'deny' (source: the grant; held: after it) · 'self', 'no more than', 'not
-- active', 'excluded', 'walled off' (source: the person) · 'hidden', 'view only' (source: the lock) · 'answer' (level,
-- and in held what it is without locks).
create function access_explain(person uuid, thing uuid, at timestamptz)
returns table (self_id uuid, place bigint, step text, source uuid, level smallint, held smallint)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with i as materialized (select * from access_selves(array[person], at)),
t as materialized (
  select n.path, n.client_id, f.walls from node n join node f on f.id = n.path[1] where n.id = thing
  union all
  select n.path || d.id, n.client_id, f.walls
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
  select null, s.place, 3, case when l.hides then 'hidden' else 'view only' end, l.id,
         (case when l.hides then 0 else 1 end)::smallint, null
    from t, unnest(t.path) with ordinality s(id, place) join access_lock l on l.thing_id = s.id
   where at >= l.valid_from and at < l.valid_until
  union all
  select null, null, 4, 'answer', null, a.level, a.unlocked from access_levels(array[person], array[thing], at) a
)
select x.self_id, x.place, x.step, x.source, x.level, x.held from x
 order by x.self_id is null, x.self_id <> person, x.self_id, x.place nulls last, x.hearing $$;

-- For each asker the grant that made the level what it is: the last heard that changed what is held, of the one in the
-- chain who holds least. No row: nothing ever spoke.
create function access_reason(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, self_id uuid, grant_id uuid)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with h as (
  select h.*, lag(h.held, 1, 0::smallint) over (partition by h.who, h.self_id order by h.hearing) as before
    from access_heard(whos, thing, at) h
), last as (
  select distinct on (h.who, h.self_id) h.who, h.self_id, h.grant_id, h.held
    from h where h.held <> h.before order by h.who, h.self_id, h.hearing desc
)
select distinct on (l.who) l.who, l.self_id, l.grant_id from last l order by l.who, l.held, l.self_id <> l.who $$;

-- ── Who can see a thing, and what a change would do ────────────────────────────────────────────────────────

-- The people and links behind principals.
create function access_people(principals uuid[]) returns uuid[] language sql stable as $$
  select coalesce(array_agg(distinct x.id), '{}') from (
    select p.id from person p where p.id = any(principals)
    union all
    select l.id from link l where l.id = any(principals)
    union all
    select m.person_id from membership m
     where m.container_id = any(principals || array(select n.inner_id from group_nesting n where n.outer_id = any(principals)))
  ) x $$;

-- Everybody with a level on the thing, were it not for locks.
create function access_who(thing uuid, at timestamptz)
returns table (who uuid, level smallint, unlocked smallint)
language sql stable security definer set search_path = public, pg_temp as $$
with t as (
  select n.path from node n where n.id = thing
  union all
  select n.path || d.id from document d join node n on n.id = d.folder_id where d.id = thing
)
select a.who, a.level, a.unlocked
  from access_levels(
         access_people(array(
           select distinct g.principal_id from access_grant g, t
            where g.thing_id = any(t.path) and g.allows and at >= g.valid_from and at < g.valid_until)),
         array[thing], at) a
 where a.unlocked > 0 $$;

-- Who gains and who loses what if this grant were saved (or the one with id `removed` taken away): done, looked at,
-- undone. Looks at the grant's thing and at most `most` folders and `most` documents below it that have a say of their
-- own: everything else below has the answer of one of them.
create function access_preview(added access_grant, removed uuid, at timestamptz, most int default 500)
returns table (who uuid, thing_id uuid, before smallint, after smallint)
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
  a := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
  begin
    if removed is not null then
      delete from access_grant x where x.id = removed;
    else
      insert into access_grant (person_id, group_id, organisation_id, link_id, node_id, document_id, level, allows, valid_from, valid_until)
      values (g.person_id, g.group_id, g.organisation_id, g.link_id, g.node_id, g.document_id, g.level, g.allows, g.valid_from, g.valid_until);
    end if;
    b := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select (x.v->>0)::uuid, (x.v->>1)::uuid, (x.v->>2)::smallint, (y.v->>2)::smallint
    from jsonb_array_elements(a) x(v) join jsonb_array_elements(b) y(v) on x.v->0 = y.v->0 and x.v->1 = y.v->1
   where x.v->2 <> y.v->2;
end $$;

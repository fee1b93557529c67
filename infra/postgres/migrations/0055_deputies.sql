-- Somebody of the firm is away, and a colleague does their work in a window (docs/decisions/deputies.md). The words of
-- 0002_access.sql go on so: whoever is a deputy within the window holds of each thing what they hold themselves, or what the
-- absent one holds by themselves at that moment, whichever is more. For the second the deputy's own gates count too:
-- inactive, an auditor, a wall or an exclusion before the client is nothing. Locks lie on both alike. No chains: nobody
-- stands in the place of one who stands in somebody's.

create table deputy (
  id uuid primary key default uuidv7(),
  absent_id uuid not null references person,
  deputy_id uuid not null references person,
  valid_from timestamptz not null default now(),
  valid_until timestamptz not null,
  named_by uuid not null references person,               -- the absent one, or an administrator for them
  created_at timestamptz not null default now(),
  ended_at timestamptz,                                   -- early
  ended_by uuid references person,
  counts_until timestamptz not null generated always as (least(valid_until, ended_at)) stored,
  check (absent_id <> deputy_id), check (named_by <> deputy_id), check (valid_from < valid_until),
  check ((ended_at is null) = (ended_by is null))
);
create index deputy_deputy on deputy (deputy_id, counts_until);
create index deputy_absent on deputy (absent_id, counts_until);

alter table deputy enable row level security;
create policy app on deputy to portico_app using (true);
create policy pipeline on deputy to portico_pipeline using (true);
grant select, insert, update (ended_at, ended_by) on deputy to portico_app;
grant select on deputy to portico_pipeline;

-- ── The rule ───────────────────────────────────────────────────────────────────────────────────────────────

-- As in 0039_seen_as.sql, and whoever somebody in the chain is the deputy of: a row more, whose `stead` is that deputy. Of the
-- rows of one stead the most counts, of the steads the least: each question takes the maximum first. Of anybody's own row
-- id and stead are the same.
drop function access_selves(uuid[], timestamptz);
create function access_selves(whos uuid[], at timestamptz)
returns table (who uuid, id uuid, alive boolean, staff boolean, principals uuid[], stead uuid)
language sql stable as $$
with recursive chain as (
  (select l.id as who, l.id, l.made_by as cap, at >= l.valid_from and at < l.valid_until as alive, null as role, 1 as step
     from link l where l.id = any(whos)
   union all
   select p.id, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from person p where p.id = any(whos)
   union all
   select s.id, p.id, p.capped_by,
          at >= s.valid_from and at < s.valid_until and at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from seen_as s join person p on p.id in (s.person_id, s.made_by) where s.id = any(whos))
  union all
  select c.who, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, c.step + 1
    from chain c join person p on p.id = c.cap where c.step < 4   -- a link, its maker, the maker's administrator
),
one as (   -- once each: a client's administrator may be the one who looks
  select c.who, c.id, bool_and(c.alive and c.role is distinct from 'auditor') as alive, bool_and(c.role is not null) as staff
    from chain c group by c.who, c.id
),
speaks as (
  select one.who, one.id, one.alive, one.staff, one.id as stead from one
  union all
  select one.who, a.id, one.alive and at >= a.valid_from and at < a.valid_until and a.staff_role <> 'auditor', true, one.id
    from one
   cross join lateral (
     select distinct d.absent_id from deputy d where d.deputy_id = one.id and at >= d.valid_from and at < d.counts_until offset 0) d
    join person a on a.id = d.absent_id and a.staff_role is not null and a.capped_by is null
   where one.staff
)
select s.who, s.id, s.alive, s.staff,
       array(select s.id
             union all
             select unnest(array[m.container_id, n.outer_id])
               from membership m left join group_nesting n on n.inner_id = m.group_id
              where m.person_id = s.id and at >= m.valid_from and at < m.valid_until),
       s.stead
  from speaks s $$;

-- As in 0047_locks.sql.
create or replace function access_levels(whos uuid[], things uuid[], at timestamptz)
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
lent as (
  select i.who, i.stead, t.id,
         max(case when i.alive and barred.self_id is null and (i.staff or not t.waits) then coalesce(held.level, 0) else 0 end)
           as level,
         case when not bool_and(t.is_document) then
           max(case when i.alive and barred.self_id is null then coalesce(held.others, 0) else 0 end) end as others
    from i cross join t
    left join held on held.self_id = i.id and held.thing_id = t.id
    left join barred on barred.client_id = t.client_id and barred.self_id in (i.id, i.stead)
   group by 1, 2, 3
),
own as (
  select lent.who, lent.id, min(lent.level) as level, min(lent.others) as others from lent group by 1, 2
)
select w.who, t.id, least(coalesce(own.level, 0), ceiling.level)::smallint, coalesce(own.level, 0)::smallint,
       case when own.others is not null then least(own.others, ceiling.level) end::smallint, own.others::smallint
  from unnest(whos) w(who) cross join unnest(things) t(id)
  left join own on own.who = w.who and own.id = t.id
  left join ceiling on ceiling.thing_id = t.id;
end $$;

-- What each of them reaches, with the gates of whoever stands there.
create function access_reaches(who uuid, at timestamptz, from_level int)
returns table (stead uuid, id uuid, projects uuid[])
language plpgsql stable rows 2 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  i record;
  own uuid[];   -- the principals of whoever stands there
begin
  for i in select s.* from access_selves(array[who], at) s order by s.stead, s.id <> s.stead loop
    if i.id = i.stead then own := i.principals; end if;
    stead := i.stead; id := i.id; projects := '{}';
    if i.alive then
      with mine as materialized (
        select distinct g.node_id, g.document_id from access_grant g
         where g.principal_id = any(i.principals) and g.allows and g.level >= from_level and at >= g.valid_from and at < g.valid_until),
      mine_node as materialized (
        select n.kind, n.id, n.project_id, n.client_id, n.path[1] as firm from mine join node n on n.id = mine.node_id),
      p as (
        select n.project_id as id, n.client_id, n.firm from mine_node n where n.kind <> 'firm'
        union all
        select n.id, n.client_id, f.id
          from mine_node f join node n on n.parent_id = f.id and n.kind = 'project' where f.kind = 'firm'
        union all
        select n.id, n.client_id, n.path[1]
          from mine
         cross join lateral (select d.project_id from document d where d.id = mine.document_id offset 0) d
          join node n on n.id = d.project_id
         where mine.document_id is not null)
      select coalesce(array_agg(distinct p.id), '{}') into projects from p
       where p.client_id is null
          or (not i.staff
              or p.client_id in (
                   select a.client_id from assignment a
                    where a.principal_id = any(i.principals) and at >= a.valid_from and at < a.valid_until)
                 and (i.id = i.stead
                      or p.client_id in (
                           select a.client_id from assignment a
                            where a.principal_id = any(own) and at >= a.valid_from and at < a.valid_until))
              or p.firm in (select n.id from node n where n.kind = 'firm' and not n.walls))
             and p.client_id not in (select e.client_id from exclusion e where e.person_id in (i.id, i.stead));
    end if;
    return next;
  end loop;
end $$;

-- As in 0038_search_by_age.sql.
create or replace function access_reach(who uuid, at timestamptz, from_level int default 1) returns uuid[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  r record;
  mine uuid[];   -- of one in the chain: what they reach themselves, or in somebody's place
  result uuid[];
begin
  for r in
    select x.projects, x.stead = x.id as own, lead(x.stead) over (order by x.no) is distinct from x.stead as last
      from access_reaches(who, at, from_level) with ordinality x(stead, id, projects, no)
  loop
    mine := case when r.own then r.projects else array(select unnest(mine) union select unnest(r.projects)) end;
    continue when not r.last;
    result := case when result is null then mine else array(select unnest(result) intersect select unnest(mine)) end;
  end loop;
  return coalesce(result, '{}');
end $$;

-- As in 0047_locks.sql. Only with deputies the gates of one differ from those of all.
create or replace function access_visible(who uuid, at timestamptz)
returns table (node_id uuid, level smallint, unlocked smallint)
language plpgsql stable rows 5000 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  selves int := (select count(distinct s.stead) from access_selves(array[who], at) s);
  lent boolean := exists (select from access_selves(array[who], at) s where s.id <> s.stead);
  reach uuid[] := access_reach(who, at);
begin return query
with i as materialized (select s.* from access_selves(array[who], at) s),
mine as materialized (
  select i.stead, i.id as self_id, g.node_id as id, g.rank, g.level, g.allows
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
  select p.id as point_id, p.project_id, p.cut, s.id, s.place from point p, unnest(p.path) with ordinality s(id, place)),
gate as materialized (
  select r.stead, r.id as self_id, unnest(r.projects) as project_id from access_reaches(who, at, 1) r where lent),
held as (
  select mine.stead, mine.self_id, stop.point_id, access_fold(mine.level, mine.allows order by stop.place, mine.rank) as level
    from stop join mine on mine.id = stop.id
   where stop.place >= stop.cut
     and (not lent or (mine.stead, mine.self_id, stop.project_id) in (select g.stead, g.self_id, g.project_id from gate g))
   group by 1, 2, 3),
most as (
  select held.stead, held.point_id, max(held.level) as level from held group by 1, 2),
own as (
  select most.point_id, min(most.level) as level from most group by 1 having selves = 1 or count(*) = selves),
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

-- ── Reasons ────────────────────────────────────────────────────────────────────────────────────────────────

-- As in 0047_locks.sql.
drop function access_heard(uuid[], uuid, timestamptz);
create function access_heard(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, self_id uuid, place bigint, hearing bigint, level smallint, allows boolean, grant_id uuid, held smallint, stead uuid)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with t as (
  select n.path, n.cut, false as is_document, null::uuid as made_by from node n where n.id = thing
  union all
  select n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, true, d.created_by
    from document d join node n on n.id = d.folder_id where d.id = thing
)
select i.who, i.id, s.place, row_number() over heard, g.level, g.allows, g.id,
       access_fold(g.level, g.allows) over heard, i.stead
  from access_selves(whos, at) i
 cross join t
 cross join lateral unnest(t.path) with ordinality s(id, place)
 cross join lateral (
   select g.* from access_grant g
    where g.thing_id = s.id and g.principal_id = any(i.principals)
      and at >= g.valid_from and at < g.valid_until offset 0) g
 where s.place >= t.cut and (not g.own_only or not t.is_document or t.made_by = i.id)
window heard as (partition by i.who, i.stead, i.id order by s.place, g.rank, g.id) $$;

-- As access_selves, of each stead the one who holds most on this thing: somebody in whose place they stand only where that
-- is more.
create function access_steads(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, id uuid, alive boolean, staff boolean, principals uuid[], stead uuid)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with i as materialized (
  select s.*, count(*) over (partition by s.who, s.stead) > 1 as lent from access_selves(whos, at) s
),
held as materialized (
  select h.who, h.stead, h.self_id, (array_agg(h.held order by h.hearing desc))[1] as level
    from (select array_agg(distinct i.who) as whos from i where i.lent having count(*) > 0) l   -- mostly nobody
   cross join lateral access_heard(l.whos, thing, at) h group by 1, 2, 3
),
t as materialized (
  select p.client_id, f.walls from access_path(thing) p join node f on f.id = p.path[1]
)
select distinct on (i.who, i.stead) i.who, i.id, i.alive, i.staff, i.principals, i.stead
  from i
  left join held on i.lent and held.who = i.who and held.stead = i.stead and held.self_id = i.id
 order by i.who, i.stead,
          case when not i.lent or not i.alive or exists (
                 select from t
                  where exists (select from exclusion e where e.client_id = t.client_id and e.person_id in (i.id, i.stead))
                     or t.walls and t.client_id is not null and exists (
                          select from i o
                           where o.who = i.who and o.stead = i.stead and o.id in (i.id, i.stead)
                             and not exists (select from assignment a
                                              where a.client_id = t.client_id and a.principal_id = any(o.principals)
                                                and at >= a.valid_from and at < a.valid_until)))
               then 0 else coalesce(held.level, 0) end desc,
          i.id <> i.stead, i.id $$;

-- In whose place somebody acts on the first of these that is a thing: null where they hold as much of it themselves.
create function access_in_place_of(person uuid, things uuid[], at timestamptz) returns uuid
language sql stable security definer set search_path = public, pg_temp as $$
  select s.id
    from (select t.id from unnest(things) with ordinality t(id, no) where exists (select from access_path(t.id))
           order by t.no limit 1) t
   cross join lateral access_steads(array[person], t.id, at) s
   where s.stead = person and s.id <> person $$;

-- As in 0047_locks.sql. step 'in place of' (source: the absent one): what they hold is more, and is told instead.
create or replace function access_explain(person uuid, thing uuid, at timestamptz)
returns table (self_id uuid, place bigint, step text, source uuid, level smallint, held smallint)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with i as materialized (select * from access_steads(array[person], thing, at)),
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
         h.level, h.held, i.stead
    from access_heard(array[person], thing, at) h join i on i.stead = h.stead and i.id = h.self_id
  union all
  select i.id, null, 0,
         case when i.id <> i.stead then 'in place of' when not i.alive then 'not active' when i.id <> person then 'no more than'
              else 'self' end,
         i.id, null, null, i.stead
    from i
  union all
  select i.id, null, -1, 'no more than', i.stead, null, null, i.stead from i where i.id <> i.stead and i.stead <> person
  union all
  select i.id, null, 1, 'excluded', i.id, null, null, i.stead
    from i join t on exists (select from exclusion e where e.person_id = i.id and e.client_id = t.client_id)
  union all
  select i.id, null, 2, 'walled off', i.id, null, null, i.stead
    from i join t on i.staff and t.walls and t.client_id is not null
     and not exists (select from assignment a where a.client_id = t.client_id and a.principal_id = any(i.principals)
                        and at >= a.valid_from and at < a.valid_until)
  union all
  select i.id, null, 3, 'waiting', i.id, null, null, i.stead from i join t on t.waits and not i.staff
  union all
  select null, s.place, 3, case when l.hides then 'hidden' else 'view only' end, l.id,
         (case when l.hides then 0 else 1 end)::smallint, null, null
    from t, unnest(t.path) with ordinality s(id, place) join access_lock l on l.thing_id = s.id
   where at >= l.valid_from and at < l.valid_until
     and (l.counts_from is null
          or at >= case l.counts_from when 'upload' then t.uploaded_at else t.changed_at end + l.delay
             and not exists (select from lock_exception e where e.lock_id = l.id and e.document_id = t.document_id))
  union all
  select null, null, 4, 'answer', null, a.level, a.unlocked, null from access_levels(array[person], array[thing], at) a
)
select x.self_id, x.place, x.step, x.source, x.level, x.held from x
 order by x.self_id is null, x.stead <> person, x.self_id, x.step <> 'in place of', x.place nulls last, x.hearing $$;

-- As in 0002_access.sql. in_place: self_id is somebody absent, in whose place one in the chain stands.
drop function access_reason(uuid[], uuid, timestamptz);
create function access_reason(whos uuid[], thing uuid, at timestamptz)
returns table (who uuid, self_id uuid, grant_id uuid, in_place boolean)
language sql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
with h as (
  select h.*, lag(h.held, 1, 0::smallint) over (partition by h.who, h.stead order by h.hearing) as before
    from access_heard(whos, thing, at) h
    join access_steads(whos, thing, at) i on i.who = h.who and i.stead = h.stead and i.id = h.self_id
), last as (
  select distinct on (h.who, h.stead) h.who, h.stead, h.self_id, h.grant_id, h.held
    from h where h.held <> h.before order by h.who, h.stead, h.hearing desc
)
select distinct on (l.who) l.who, l.self_id, l.grant_id, l.self_id <> l.stead
  from last l order by l.who, l.held, l.stead <> l.who $$;

-- As in 0002_access.sql, and the deputies of those people, whenever they are that: the rule is asked about them anyway.
create or replace function access_people(principals uuid[]) returns uuid[] language sql stable as $$
  with x as (
    select p.id from person p where p.id = any(principals)
    union all
    select l.id from link l where l.id = any(principals)
    union all
    select m.person_id from membership m
     where m.container_id = any(principals || array(select n.inner_id from group_nesting n where n.outer_id = any(principals)))
  )
  select coalesce(array_agg(distinct y.id), '{}')
    from (select x.id from x union all select d.deputy_id from x join deputy d on d.absent_id = x.id) y $$;

-- ── What a change would do, and when an answer changes ─────────────────────────────────────────────────────

-- As in 0052_permissions.sql, with what speaks to those in whose place somebody stands, now or later. Not looked at, as there:
-- single documents that a deputy or the absent one uploaded, where grants for own uploads only of both meet.
create or replace function access_points(whos uuid[], top uuid, at timestamptz) returns access_set[]
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin return (
with self as materialized (
  select s.who, s.stead as id from access_selves(whos, at) s
  union
  select s.who, d.absent_id
    from access_selves(whos, at) s join deputy d on d.deputy_id = s.stead and d.counts_until > at
),
name as materialized (
  select self.who, self.id as principal_id from self
  union
  select self.who, x.id
    from self
    join membership m on m.person_id = self.id and m.valid_until > at
    left join group_nesting n on n.inner_id = m.group_id
   cross join lateral unnest(array[m.container_id, n.outer_id]) x(id)
   where x.id is not null
),
granted as materialized (
  select g.principal_id, g.node_id, g.document_id
    from (select distinct name.principal_id from name) p
   cross join lateral (
     select distinct g.principal_id, g.node_id, g.document_id from access_grant g
      where g.principal_id = p.principal_id and g.valid_until > at offset 0) g
),
said as materialized (
  select granted.principal_id, n.id as thing_id
    from granted join node n on n.id = granted.node_id where n.path @> array[top] and n.id <> top
  union all
  select granted.principal_id, d.id
    from granted join document d on d.id = granted.document_id join node n on n.id = d.folder_id
   where n.path @> array[top]
),
client as (
  select distinct on (n.client_id) n.id from node n
   where n.parent_id = top and n.kind = 'project' and n.inherits order by n.client_id, n.id
),
point as (
  select name.who, said.thing_id from name join said on said.principal_id = name.principal_id
  union
  select w.who, client.id from unnest(whos) w(who) cross join client
),
one as (
  select w.who, array[top] || coalesce(array_agg(point.thing_id order by point.thing_id) filter (where point.thing_id is not null), '{}')
      as things
    from unnest(whos) w(who) left join point on point.who = w.who group by w.who
)
select array_agg(row(x.whos, x.things)::access_set)
  from (select array_agg(one.who) as whos, one.things from one group by one.things) x);
end $$;

-- As in 0047_locks.sql, with the windows of deputies.
create or replace function access_moments(asker uuid, thing uuid, at timestamptz) returns setof timestamptz
language sql stable security definer set search_path = public, pg_temp as $$
with path as materialized (
  select n.path, n.client_id, null::timestamptz as uploaded_at, null::timestamptz as changed_at from node n where n.id = thing
  union all
  select n.path || d.id, n.client_id, d.created_at, d.changed_at from document d join node n on n.id = d.folder_id where d.id = thing
),
chain as materialized (
  select s.stead as id from access_selves(array[asker], at) s
  union
  select d.absent_id
    from access_selves(array[asker], at) s join deputy d on d.deputy_id = s.stead and d.counts_until > at
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
  union
  select unnest(array[d.valid_from, d.counts_until])
    from deputy d where d.deputy_id in (select chain.id from chain) and d.valid_from < d.counts_until
)
select moment.moment_at from moment where moment.moment_at > at and moment.moment_at < 'infinity' order by 1 $$;

-- ── Search and names ───────────────────────────────────────────────────────────────────────────────────────

-- As in 0038_search_by_age.sql: of one who stands in somebody's place the grants of both are counted.
create or replace function search_reach(person uuid, project uuid, at timestamptz, from_level int) returns uuid[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  ids uuid[];
begin
  -- Grants are counted before they are followed: of thousands that costs a tenth.
  if project is null and (
    select min(x.n)
      from (select sum(g.n) as n from access_selves(array[person], at) i
             cross join lateral (
               select count(*) as n from access_grant g
                where g.principal_id = any(i.principals) and g.allows and g.level >= from_level
                  and at >= g.valid_from and at < g.valid_until) g
             where i.alive group by i.stead) x) > 1000 then return null; end if;
  ids := access_reach(person, at, from_level);
  return case when project is null then case when cardinality(ids) <= 1000 then ids end
              when project = any(ids) then array[project] else '{}' end;
end $$;

-- As in 0044_people.sql: whom a deputy may know of stays what it is.
create or replace function directory_organisations(asker uuid, at timestamptz) returns table (id uuid)
language sql stable rows 100 security definer set search_path = public, pg_temp as $$
with me as materialized (
  select p.staff_role as role, p.employer_id, s.principals,
         (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as walls
    from person p join access_selves(array[asker], at) s on s.id = p.id and s.stead = p.id
   where p.id = asker and at >= p.valid_from and at < p.valid_until
)
select o.id from me cross join organisation o
 where not exists (select from exclusion e where e.person_id = asker and e.client_id = o.id)
   and case
         when me.role is null then o.id = any(me.principals) or o.id is not distinct from me.employer_id
         when me.role in ('administrator', 'auditor') or not me.walls then true
         else exists (select from assignment a where a.client_id = o.id and a.principal_id = any(me.principals)
                         and at >= a.valid_from and at < a.valid_until)
       end $$;

-- ── Whom somebody stands in for ────────────────────────────────────────────────────────────────────────────

-- With each one's end; none while either account gives nothing. The gates of clients are the rule's.
create function standing_in(person uuid, at timestamptz) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'until', to_jsonb(x.until)) order by x.until, a.name), '[]')
    from (select d.absent_id, max(d.counts_until) as until from deputy d
           where d.deputy_id = $1 and $2 >= d.valid_from and $2 < d.counts_until group by 1) x
    join person a on a.id = x.absent_id and a.staff_role <> 'auditor' and a.capped_by is null
     and $2 >= a.valid_from and $2 < a.valid_until
    join person p on p.id = $1 and p.staff_role <> 'auditor' and $2 >= p.valid_from and $2 < p.valid_until $$;

-- Who does somebody's business now: they themselves, and their deputies.
create function doers_of(person uuid, at timestamptz) returns setof uuid
language sql stable rows 2 security definer set search_path = public, pg_temp as $$
  select $1
  union
  select d.deputy_id from deputy d
   where d.absent_id = $1 and $2 >= d.valid_from and $2 < d.counts_until
     and standing_in(d.deputy_id, $2) @> jsonb_build_array(jsonb_build_object('id', $1)) $$;

revoke execute on function access_selves, access_reaches, access_heard, access_steads, access_in_place_of, access_reason,
  standing_in, doers_of from public;
grant execute on function access_in_place_of, access_reason, standing_in, doers_of to portico_app;
grant execute on function doers_of to portico_pipeline;

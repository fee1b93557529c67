-- The permission screen: documents are closed too (the rule knows it since 0047_locks.sql), a grant can be changed, and what a
-- change does is tried before it is saved.

-- ── Closed documents ───────────────────────────────────────────────────────────────────────────────────────

grant update (inherits) on document to portico_app;

-- A closed document has a say of its own, with grants or without.
create function document_closed() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  new.own_scope := not new.inherits
    or exists (select from access_grant g where g.thing_id = new.id)
    or exists (select from access_lock l where l.thing_id = new.id);
  return new;
end $$;
create trigger document_closed before update of inherits on document for each row
  when (old.inherits <> new.inherits) execute function document_closed();
create trigger document_made_closed before insert on document for each row
  when (not new.inherits) execute function document_closed();

-- As in 0002_access.sql, with closed documents.
create or replace function scope_refresh() returns trigger
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
  update document set own_scope = own or not inherits where id = thing and own_scope <> (own or not inherits);
  update node set parent_id = parent_id
   where id = thing and (scope_id = id) <> (own or not inherits or parent_id is null);
  return null;
end $$;

-- Where a thing lies: the way from the firm down to it, and the place in it where inheritance starts.
create function access_path(thing uuid) returns table (path uuid[], cut int, project_id uuid, client_id uuid)
language sql stable rows 1 security definer set search_path = public, pg_temp as $$
  select n.path, n.cut::int, n.project_id, n.client_id from node n where n.id = thing
  union all
  select n.path || d.id, case when d.inherits then n.cut else cardinality(n.path) + 1 end, n.project_id, n.client_id
    from document d join node n on n.id = d.folder_id where d.id = thing $$;

-- ── Grants that change ─────────────────────────────────────────────────────────────────────────────────────

-- revision: whoever changes a grant says which one they looked at, so that the second of two learns of the first.
alter table access_grant
  add column revision int not null default 1,
  add column changed_by uuid references person,
  add column changed_at timestamptz;
grant update (level, allows, valid_from, revision, changed_by, changed_at) on access_grant to portico_app;

-- ── What a change would do ─────────────────────────────────────────────────────────────────────────────────

-- Askers who have a say of their own at the same things, so that the rule is asked once for all of them.
create type access_set as (whos uuid[], things uuid[]);
create type access_seen as (
  at timestamptz, who uuid, thing_id uuid, level smallint, unlocked smallint, others smallint, others_unlocked smallint);

-- The points at which a change of what speaks on `top` can show for each of these askers: the thing itself, and whatever
-- below it has a grant that speaks to them or to whoever caps them, now or later. Between two points nothing else speaks, so
-- everything below has, locks apart, the answer of the nearest point above it; that makes the points complete however many
-- folders and documents there are. Not looked at are single documents that a sub-account or her administrator uploaded, where
-- grants for own uploads only of both meet. Walls and exclusions differ by client: below the firm one project of each client counts.
create function access_points(whos uuid[], top uuid, at timestamptz) returns access_set[]
language plpgsql stable security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin return (
with name as materialized (
  select s.who, s.id as principal_id from access_selves(whos, at) s
  union
  select s.who, x.id
    from access_selves(whos, at) s
    join membership m on m.person_id = s.id and m.valid_until > at
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

create function access_look(sets access_set[], moments timestamptz[]) returns access_seen[]
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(row(m.at, l.who, l.thing_id, l.level, l.unlocked, l.others, l.others_unlocked)::access_seen), '{}')
    from unnest(moments) m(at)
   cross join unnest(sets) s
   cross join lateral access_levels(s.whos, s.things, m.at) l $$;

-- Of these things the ones that nobody manages, locks apart. Whoever manages much is asked first: mostly that is the end.
create function access_unmanaged(things uuid[], at timestamptz) returns uuid[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  rest uuid[] := things;
  managers uuid[];
begin
  managers := array(
    select p.id
      from (select x.id, min(x.place) as place
              from (select unnest(access_people(array[g.principal_id])) as id, s.place
                      from (select distinct s.id, s.place from unnest(things) t(id) cross join lateral access_path(t.id) a
                             cross join lateral unnest(a.path) with ordinality s(id, place)) s
                      join access_grant g on g.thing_id = s.id and g.level = 4 and g.allows
                       and at >= g.valid_from and at < g.valid_until) x
             group by x.id) x
      join person p on p.id = x.id
     order by x.place, p.id);
  for start in 1 .. coalesce(cardinality(managers), 0) by 20 loop
    exit when rest = '{}';
    rest := array(
      select unnest(rest)
      except
      select a.thing_id from access_levels(managers[start:start + 19], rest, at) a where a.unlocked = 4);
  end loop;
  return rest;
end $$;

-- What saving would do: done, looked at by the rule, undone.
--   act: 'give' (the grant `wish`), 'take' (the one with its id), 'change' (that one to wish's level, allows and window; for
--   whom, where, and whether for own uploads only stays),
--   'close' and 'open' (wish's thing; wish.person_id closes it and gets to manage it).
-- Rows, at each moment at which saving makes a difference: now or when the grant begins, and at what else it begins or ends
-- after a change; of closing and opening, also when one of the next five grants above begins. `ending`: how it is just
-- before the grant's own end and after it. others: of folders and projects, as access_levels says. who null: from then on nobody would manage the thing, where somebody does now.
create function access_try(act text, wish access_grant, at timestamptz)
returns table (moment timestamptz, ending boolean, who uuid, thing_id uuid, before smallint, after smallint,
               unlocked_before smallint, unlocked_after smallint, others_before smallint, others_after smallint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  old access_grant;
  top uuid := coalesce(wish.node_id, wish.document_id);
  ends timestamptz;
  names uuid[];
  whos uuid[];
  moments timestamptz[];
  sets access_set[];
  a access_seen[];
  b access_seen[];
  c access_seen[] := '{}';
  denied uuid[];
  gone uuid[];
  m timestamptz;
  lost jsonb := '{}';
begin
  if act in ('take', 'change') then
    select * into strict old from access_grant x where x.id = wish.id;
    top := coalesce(old.node_id, old.document_id);
  end if;
  if act in ('close', 'open') then
    names := array(
      select g.principal_id from access_path(top) t
       cross join lateral unnest(t.path) s(id) join access_grant g on g.thing_id = s.id
       where g.allows and g.valid_until > at);
    whos := access_people(names || wish.person_id);
    moments := array[at] || array(
      select distinct g.valid_from from access_path(top) t
       cross join lateral unnest(t.path) s(id) join access_grant g on g.thing_id = s.id
       where s.id <> top and g.allows and g.valid_from > at order by 1 limit 5);
  else
    whos := access_people(array[coalesce(wish.person_id, wish.group_id, wish.organisation_id, wish.link_id, old.principal_id)]);
    moments := case act
      when 'give' then array[greatest(at, wish.valid_from)]
      when 'take' then array[greatest(at, old.valid_from)]
      else array(select distinct x.x from unnest(array[at, old.valid_from, old.valid_until, wish.valid_from, wish.valid_until]) x(x)
                  where x.x >= at and x.x < 'infinity' order by 1) end;
    if act <> 'take' and wish.valid_until > at and wish.valid_until < 'infinity' then ends := wish.valid_until; end if;
  end if;
  whos := array(select unnest(whos) union select p.id from person p where p.capped_by = any(whos));
  whos := array(select unnest(whos) union select l.id from link l where l.made_by = any(whos) and l.valid_until > at);
  sets := access_points(whos, top, at);
  denied := array[top] || array(
    select g.thing_id from node n join access_grant g on g.node_id = n.id
     where n.path @> array[top] and n.id <> top and not g.allows and g.valid_until > at
    union
    select g.thing_id from node n join document d on d.folder_id = n.id and d.own_scope
      join access_grant g on g.document_id = d.id
     where n.path @> array[top] and not g.allows and g.valid_until > at
    union   -- what waits for its release a client does not manage
    select d.id from node n join document d on d.folder_id = n.id where n.path @> array[top] and d.waits);
  denied := denied || array(select n.id from node n where n.parent_id = top and n.kind = 'project');
  a := access_look(sets, moments);
  begin
    case act
      when 'give' then
        insert into access_grant (person_id, group_id, organisation_id, link_id, node_id, document_id, level, allows, valid_from, valid_until,
                                  own_only)
        values (wish.person_id, wish.group_id, wish.organisation_id, wish.link_id, wish.node_id, wish.document_id, wish.level,
                wish.allows, wish.valid_from, wish.valid_until, coalesce(wish.own_only, false));
      when 'take' then
        delete from access_grant x where x.id = wish.id;
      when 'change' then
        update access_grant x
           set level = wish.level, allows = wish.allows, valid_from = wish.valid_from, valid_until = wish.valid_until
         where x.id = wish.id;
      else
        update node set inherits = (act = 'open') where id = top;
        update document set inherits = (act = 'open') where id = top;
        if act = 'close' and wish.person_id is not null then
          insert into access_grant (person_id, node_id, document_id, level)
          values (wish.person_id, wish.node_id, wish.document_id, 4);
        end if;
    end case;
    b := access_look(sets, moments);
    if ends is not null then c := access_look(sets, array[ends - interval '1 microsecond', ends]); end if;
    foreach m in array moments loop
      if exists (select from unnest(a) x join unnest(b) y on y.at = x.at and y.who = x.who and y.thing_id = x.thing_id
                  where x.at = m and x.unlocked = 4 and y.unlocked < 4) then
        lost := lost || jsonb_build_object(m::text, to_jsonb(access_unmanaged(denied, m)));
      end if;
    end loop;
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select x.at, false, x.who, x.thing_id, x.level, y.level, x.unlocked, y.unlocked, x.others, y.others
    from unnest(a) x join unnest(b) y on y.at = x.at and y.who = x.who and y.thing_id = x.thing_id
   where x.level <> y.level or x.unlocked <> y.unlocked or x.others_unlocked <> y.others_unlocked;
  return query
  select ends, true, x.who, x.thing_id, x.level, y.level, x.unlocked, y.unlocked, x.others, y.others
    from unnest(c) x join unnest(c) y on y.who = x.who and y.thing_id = x.thing_id and y.at = ends
   where x.at < ends and (x.level <> y.level or x.unlocked <> y.unlocked or x.others_unlocked <> y.others_unlocked);
  foreach m in array moments loop
    gone := array(select jsonb_array_elements_text(lost -> m::text)::uuid);
    continue when gone = '{}';
    return query
    select m, false, null::uuid, t.id, null::smallint, null::smallint, 4::smallint, 0::smallint, null::smallint, null::smallint
      from unnest(gone) t(id) where t.id <> all(access_unmanaged(gone, m));
  end loop;
end $$;

-- ── When an answer changes ─────────────────────────────────────────────────────────────────────────────────

-- The next n moments after `at` at which the answer is another, however many things begin and end in between.
create function access_changes(asker uuid, thing uuid, at timestamptz, n int)
returns table (moment timestamptz, level smallint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  held smallint := (select a.level from access_levels(array[asker], array[thing], at) a);
  m_at timestamptz;
  found int := 0;
begin
  for m_at in select m from access_moments(asker, thing, at) m loop
    select a.level into level from access_levels(array[asker], array[thing], m_at) a;
    continue when level = held;
    held := level; moment := m_at; found := found + 1;
    return next;
    exit when found = n;
  end loop;
end $$;

revoke execute on function document_closed, access_path, access_points, access_look, access_unmanaged, access_try, access_changes
  from public;
grant execute on function access_path, access_unmanaged, access_try, access_changes to portico_app;

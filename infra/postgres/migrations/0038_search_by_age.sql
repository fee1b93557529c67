-- Search looks at the newest documents first and stops when it has enough (docs/decisions/search-order.md). Measured at
-- 1,000,000 pages: a word that is on every page cost 0.4 s, because the index gave all of them before the first was looked at.

-- Documents by age, so many on a shelf that all its pages are looked through in some milliseconds. Each lexeme of a text
-- begins with its shelf ("12/vertrag"): the index then has a list of each word for each shelf.
create table search_shelf (
  no int primary key,
  first_id uuid not null unique                        -- documents from this id on, which is a time (RFC 9562 5.7)
);
insert into search_shelf values (0, '00000000-0000-0000-0000-000000000000');
alter table search_shelf enable row level security;    -- no policy: only the functions below read it

-- Those of the documents that are there already.
insert into search_shelf
select row_number() over (order by x.id), x.id
  from (select distinct on (b.place) b.id, b.place
          from (select d.id, trunc(sum(coalesce(t.pages, 0)) over (order by d.id) / 32768) as place
                  from document d
                  left join (select document_id, count(*) as pages from page_text group by 1) t on t.document_id = d.id) b
         order by b.place, b.id) x
 where x.place > 0;

create function search_shelf_of(document uuid) returns int
language sql stable parallel safe security definer set search_path = public, pg_temp as $$
  select s.no from search_shelf s where s.first_id <= document order by s.first_id desc limit 1 $$;

-- The clock's: a new shelf once the last one is full. It begins a minute from now, so that whatever has an id by then has
-- its shelf for good.
create function search_shelf_add() returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  last search_shelf;
begin
  lock table search_shelf in share row exclusive mode;
  select * into last from search_shelf order by no desc limit 1;
  if (select count(*) from page_text where document_id >= last.first_id) < 32768 then return 0; end if;
  insert into search_shelf values (last.no + 1, uuidv7(interval '1 minute'));
  return 1;
end $$;

-- On which shelves a project's texts lie, or lay.
create table search_spread (
  project_id uuid not null references node on delete cascade,
  shelf int not null references search_shelf,
  primary key (project_id, shelf)
);
alter table search_spread enable row level security;   -- no policy: only the functions below touch it

create function search_spread_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into search_spread (project_id, shelf)
  select distinct f.project_id, search_shelf_of(f.document_id) from fresh f on conflict do nothing;
  return null;
end $$;
revoke execute on function search_spread_keep from public;
create trigger search_spread_new after insert on page_text referencing new table as fresh
  for each statement execute function search_spread_keep();
create trigger search_spread_moved after update on page_text referencing new table as fresh
  for each statement execute function search_spread_keep();

-- Neighbours on a page as lexemes of their own, behind a " that no word has: a word's beginning does not meet them.
create or replace function search_pairs(t text) returns tsvector
language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select coalesce(array_to_tsvector(array_agg(distinct pair)), '')
    from (values (search_fold(t)), (search_fold_umlauts(t))) f(folded)
   cross join lateral (
     select '"' || left(w.word, 60) || ' ' || left(lead(w.word) over (order by w.place), 60) as pair
       from string_to_table(f.folded, ' ') with ordinality w(word, place)) p
   where pair is not null $$;

-- Lexemes have neither ' nor \, which would be written twice.
create function search_shelve(v tsvector, shelf int) returns tsvector
language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select regexp_replace(v::text, '''([^'']+)''', '''' || shelf || '/\1''', 'g')::tsvector $$;

-- A question as it is asked of each shelf: the sign # stands for the shelf's number (no word has signs).
create function search_template(query tsquery) returns text
language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select '(' || regexp_replace(query::text, '''([^'']+)''', '''#/\1''', 'g') || ')' $$;

-- All that the index keeps of a page.
create function search_page(words text, document uuid, project uuid) returns tsvector
language sql stable strict parallel safe set search_path = public, pg_temp as $$
  select search_shelve(search_vector(words) || search_pairs(words) || array_to_tsvector(array[search_project(project)]),
                       search_shelf_of(document)) $$;

create or replace function search_query(units jsonb, of_names boolean) returns tsquery
language plpgsql immutable strict parallel safe set search_path = public, pg_temp as $$
declare
  u jsonb;
  plain text[];
  umlauts text[];
  term tsquery;
  phrase tsquery;
  whole tsquery;
  more text;
  by_pairs boolean;
begin
  for u in select * from jsonb_array_elements(units) loop
    plain := array_remove(string_to_array(search_fold(u->>'text'), ' '), '');
    umlauts := array_remove(string_to_array(search_fold_umlauts(u->>'text'), ' '), '');
    by_pairs := (u->>'exact')::boolean and not of_names and cardinality(plain) > 1;
    phrase := null;
    for i in 1 .. coalesce(cardinality(plain), 0) loop
      if by_pairs then
        continue when i = 1;
        term := (select string_agg(distinct quote_literal('"' || left(a, 60) || ' ' || left(b, 60)), '|')
                   from (values (plain[i - 1], plain[i]), (umlauts[i - 1], umlauts[i])) x(a, b)
                  where a is not null and b is not null)::tsquery;
        phrase := case when phrase is null then term else phrase && term end;
        continue;
      end if;
      more := case when i = cardinality(plain) and (of_names or (u->>'prefix')::boolean and length(plain[i]) > 2)
                   and not (u->>'exact')::boolean then ':*' else '' end;
      term := (select string_agg(distinct quote_literal(x.lexeme) || x.more, '|')
                 from (select left(w, 60) as lexeme, more from unnest(array[plain[i], umlauts[i]]) w where w <> ''
                       union all
                       select s, '' from unnest(search_lexemes(left(plain[i], 60))) s
                        where s <> '~' and not (u->>'exact')::boolean) x)::tsquery;
      phrase := case when phrase is null then term else phrase <-> term end;
    end loop;
    whole := case when whole is null then phrase when phrase is null then whole else whole && phrase end;
  end loop;
  return whole;
end $$;

-- As in 0031_reach.sql, and from a level up: most of what staff may see the names of, few of them read.
drop function search_reach(uuid, uuid, timestamptz);
drop function access_reach(uuid, timestamptz);
create function access_reach(who uuid, at timestamptz, from_level int default 1) returns uuid[]
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
revoke execute on function access_reach from public;
grant execute on function access_reach to portico_app, portico_pipeline;

-- The projects to look into: those in reach from a level up, or the one named if it is among them; null: about more than a
-- thousand, which is as good as all: most of what is found is then the asker's anyway, and the rule takes the rest away.
create function search_reach(person uuid, project uuid, at timestamptz, from_level int) returns uuid[]
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  ids uuid[];
begin
  -- Grants are counted before they are followed: of thousands that costs a tenth.
  if project is null and (
    select min(g.n) from access_selves(array[person], at) i
     cross join lateral (
       select count(*) as n from access_grant g
        where g.principal_id = any(i.principals) and g.allows and g.level >= from_level
          and at >= g.valid_from and at < g.valid_until) g
     where i.alive) > 1000 then return null; end if;
  ids := access_reach(person, at, from_level);
  return case when project is null then case when cardinality(ids) <= 1000 then ids end
              when project = any(ids) then array[project] else '{}' end;
end $$;

-- With few projects the index finds their hits alone.
create or replace function search_within(query tsquery, reach uuid[]) returns tsquery
language sql immutable set search_path = public, pg_temp as $$
  select case when reach is null or cardinality(reach) > 200 then query
              else query && (select string_agg(quote_literal(search_project(p)), '|') from unnest(reach) p)::tsquery end $$;

-- Things by name: projects, then folders, then documents, new ones first, after the given pair (kind as 1, 2, 3).
create or replace function search_names(person uuid, units jsonb, reach uuid[], at timestamptz, after_kind int, after_id uuid, n int)
returns table (id uuid, kind text, project_id uuid, name text, level smallint)
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off set enable_seqscan = off as $$
#variable_conflict use_column
declare
  query tsquery := search_query(units, true);
  kinds constant text[] := array['project', 'folder', 'document'];
  ids uuid[];
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  query := search_within(query, reach);
  ids := array(
    select x.thing_id from (
      select t.thing_id, array_position(kinds, t.kind) as place from name_text t
       where t.vector @@ query and (reach is null or t.project_id = any(reach))
         and (array_position(kinds, t.kind) > after_kind
              or array_position(kinds, t.kind) = after_kind and t.thing_id < after_id)
       limit 2000) x
     order by x.place, x.thing_id desc);
  for start in 1 .. cardinality(ids) by 50 loop
    return query
    with a as materialized (select * from access_levels(array[person], ids[start:start + 49], at))
    select x.id, x.kind, x.project_id, x.name, a.level
      from a
      join lateral (select d.id, 'document' as kind, d.project_id, d.name from document d where d.id = a.thing_id
                    union all
                    select m.id, m.kind, m.project_id, m.name from node m where m.id = a.thing_id) x on true
     where a.level > 0
     order by array_position(kinds, x.kind), x.id desc limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n;
  end loop;
end $$;

-- Documents by their text, from the level download up: each once, with its first page that fits and on how many it is
-- found, the newest first, after the given one. What is held is not found. Shelf by shelf, until there is enough; whose reach
-- is small is shown what lies within it on those shelves alone. The rule is asked for fifty and more at a time.
create or replace function search_pages(person uuid, units jsonb, reach uuid[], at timestamptz, after_id uuid, n int)
returns table (id uuid, project_id uuid, name text, level smallint, no int, pages int, words text, marks text[])
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_generic_plan set jit = off set work_mem = '32MB'
set enable_seqscan = off as $$
#variable_conflict use_column
declare
  query tsquery := search_query(units, false);
  template text := search_template(query);
  narrow boolean := coalesce(cardinality(reach) <= 200, false);
  top int := (select max(s.no) from search_shelf s where s.first_id < after_id);
  one record;
  on_shelf tsquery;
  more record;
  ids uuid[] := '{}';
  versions uuid[] := '{}';
  nos int[] := '{}';
  counts int[] := '{}';
  marks text[];   -- what to mark in a snippet: 'vertrag', and 'ver*' for all that begins so
  slice constant int := 50;
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  marks := array(select distinct w || case when m[2] is null then '' else '*' end
                   from regexp_matches(query::text, '''"?([^'']+)''(:\*)?', 'g') m
                  cross join lateral string_to_table(m[1], ' ') w);
  for one in
    select s.no as shelf, '' as within from search_shelf s where not narrow and s.no <= top
    union all
    select p.shelf, '&(' || string_agg('''#/@' || p.project_id || '''', '|') || ')'
      from search_spread p where narrow and p.project_id = any(reach) and p.shelf <= top group by 1
    union all
    select -1, ''   -- the end: what is still to be asked about
    order by 1 desc
  loop
    on_shelf := replace(template || one.within, '#/', one.shelf || '/')::tsquery;
    with hit as materialized (
      select t.document_id, t.version_id, t.no, t.project_id
        from page_text t where one.shelf >= 0 and t.vector @@ on_shelf),
    best as (
      select hit.document_id, hit.version_id, min(hit.no) as no, count(*)::int as pages
        from hit
       where hit.document_id < after_id and (reach is null or hit.project_id in (select unnest(reach)))
       group by 1, 2)
    select coalesce(array_agg(b.document_id order by b.document_id desc), '{}') as ids,
           coalesce(array_agg(b.version_id order by b.document_id desc), '{}') as versions,
           coalesce(array_agg(b.no order by b.document_id desc), '{}') as nos,
           coalesce(array_agg(b.pages order by b.document_id desc), '{}') as counts
      into more from best b;
    ids := ids || more.ids;
    versions := versions || more.versions;
    nos := nos || more.nos;
    counts := counts || more.counts;
    continue when cardinality(ids) < slice and one.shelf >= 0;
    for start in 1 .. cardinality(ids) by slice loop
      return query
      with a as materialized (select * from access_levels(array[person], ids[start:start + slice - 1], at))
      select d.id, d.project_id, d.name, a.level, x.no, x.pages, t.words, marks
        from unnest(ids[start:start + slice - 1], versions[start:start + slice - 1], nos[start:start + slice - 1],
                    counts[start:start + slice - 1]) with ordinality x(id, version_id, no, pages, o)
        join a on a.thing_id = x.id and a.level >= 2
        join document d on d.id = x.id and d.current_version_id = x.version_id
        join version v on v.id = x.version_id and v.state = 'ready'
        join page_text t on t.version_id = x.version_id and t.no = x.no
       order by x.o limit n - found;
      get diagnostics got = row_count;
      found := found + got;
      if found >= n then return; end if;
    end loop;
    ids := '{}'; versions := '{}'; nos := '{}'; counts := '{}';
  end loop;
end $$;

create or replace function page_text_follow() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if old.project_id is distinct from new.project_id then
    update page_text
       set project_id = new.project_id,
           vector = ts_delete(vector, search_shelf_of(new.id) || '/' || search_project(old.project_id))
                    || array_to_tsvector(array[search_shelf_of(new.id) || '/' || search_project(new.project_id)])
     where document_id = new.id;
  end if;
  if old.current_version_id is distinct from new.current_version_id then
    delete from page_text where document_id = new.id and version_id is distinct from new.current_version_id;
    perform job_add('index', jsonb_build_object('version_id', v.id, 'project_id', v.project_id),
                    coalesce(n.client_id, n.id)::text, v.id::text)
       from version v join node n on n.id = v.project_id where v.id = new.current_version_id and v.state = 'ready';
  end if;
  return null;
end $$;

revoke execute on function search_reach, search_shelf_of, search_shelf_add from public;
grant execute on function search_reach to portico_app;
grant execute on function search_shelf_of, search_shelf_add, search_page, search_shelve to portico_pipeline;

-- What is there already: about a minute for 50,000 pages.
update page_text set vector = search_page(words, document_id, project_id);

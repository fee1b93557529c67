-- Search of a million pages in a tenth of a second (docs/decisions/search-order.md). Measured at 300,000 pages: ranking cost
-- 0.4 ms a hit because each hit's vector was read, phrases up to 10 s because each candidate's was, rows of 2 KB most of the rest.

-- Rows of page_text become narrow: words and vector lie apart, so that looking through hits does not read them.
alter table page_text set (toast_tuple_target = 128);

-- Neighbours on a page as lexemes of their own: what stands between quotation marks is then found by the index alone.
create function search_pairs(t text) returns tsvector
language sql immutable strict parallel safe set search_path = public, pg_temp as $$
  select coalesce(array_to_tsvector(array_agg(distinct pair)), '')
    from (values (search_fold(t)), (search_fold_umlauts(t))) f(folded)
   cross join lateral (
     select left(w.word, 60) || ' ' || left(lead(w.word) over (order by w.place), 60) as pair
       from string_to_table(f.folded, ' ') with ordinality w(word, place)) p
   where pair is not null $$;

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
        term := (select string_agg(distinct quote_literal(left(a, 60) || ' ' || left(b, 60)), '|')
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

drop function search_names(uuid, jsonb, uuid, timestamptz, int, uuid, int);
drop function search_pages(uuid, jsonb, uuid, timestamptz, int, uuid, int);

-- Both questions now take the projects to look into, so that search_reach is asked once for them. It only narrows: what is
-- found is what the rule (access_levels) lets the asker see, whichever projects are named.
alter function search_reach(uuid, uuid, timestamptz) security definer;
grant execute on function search_reach to portico_app;

-- No sequential scans: the planner does not know that "@@" on a row reads 10 KB of vector (12 s for 300,000 pages).

-- Things by name: projects, then folders, then documents, new ones first, after the given pair (kind as 1, 2, 3).
create function search_names(person uuid, units jsonb, reach uuid[], at timestamptz, after_kind int, after_id uuid, n int)
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
       where t.vector @@ query and t.project_id = any(reach)
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
-- found, the newest first, after the given one. What is held is not found.
create function search_pages(person uuid, units jsonb, reach uuid[], at timestamptz, after_id uuid, n int)
returns table (id uuid, project_id uuid, name text, level smallint, no int, pages int, words text, marks text[])
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off set work_mem = '32MB'
set enable_seqscan = off as $$
#variable_conflict use_column
declare
  query tsquery := search_query(units, false);
  within tsquery;
  ids uuid[];
  versions uuid[];
  nos int[];
  counts int[];
  marks text[];   -- what to mark in a snippet: 'vertrag', and 'ver*' for all that begins so
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  within := search_within(query, reach);
  marks := array(select distinct w || case when m[2] is null then '' else '*' end
                   from regexp_matches(query::text, '''([^'']+)''(:\*)?', 'g') m
                  cross join lateral string_to_table(m[1], ' ') w);
  with hit as materialized (
    select t.document_id, t.version_id, t.no from page_text t
     where t.vector @@ within and t.project_id = any(reach) limit 1000),
  best as (
    select hit.document_id, hit.version_id, min(hit.no) as no, count(*)::int as pages
      from hit where hit.document_id < after_id group by 1, 2)
  select array_agg(b.document_id order by b.document_id desc), array_agg(b.version_id order by b.document_id desc),
         array_agg(b.no order by b.document_id desc), array_agg(b.pages order by b.document_id desc)
    into ids, versions, nos, counts
    from best b
    join document d on d.id = b.document_id and d.current_version_id = b.version_id
    join version v on v.id = b.version_id and v.state = 'ready';
  for start in 1 .. coalesce(cardinality(ids), 0) by 50 loop
    return query
    with a as materialized (select * from access_levels(array[person], ids[start:start + 49], at))
    select d.id, d.project_id, d.name, a.level, x.no, x.pages, t.words, marks
      from unnest(ids[start:start + 49], versions[start:start + 49], nos[start:start + 49],
                  counts[start:start + 49]) with ordinality x(id, version_id, no, pages, o)
      join a on a.thing_id = x.id and a.level >= 2
      join document d on d.id = x.id
      join page_text t on t.version_id = x.version_id and t.no = x.no
     order by x.o limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n;
  end loop;
end $$;

revoke execute on function search_names, search_pages from public;
grant execute on function search_names, search_pages to portico_app;
grant execute on function search_pairs to portico_pipeline;

-- What is there already, made narrow on the way: about a minute for 50,000 pages.
update page_text
   set words = words || '',
       vector = search_vector(words) || search_pairs(words) || array_to_tsvector(array[search_project(project_id)]);

-- Finding: names of projects, folders and documents, and the text of current versions, page by page.
-- Words are folded (case, accents, separators) and then kept both as they are and as their German, English and Swedish
-- stems, all at one position: whoever looks for "Muller", "1312" or "Verträge" finds Müller, A-1312/B and Vertrag, and
-- nobody has to know the language of a page.

-- ── Words ──────────────────────────────────────────────────────────────────────────────────────────────────

-- Lower case, without accents, everything that is no letter and no digit as one blank, letters and digits apart. The
-- collation is named, so that the same text folds alike on every server. functions/_shared/rules/search.ts folds as this
-- does, to mark hits.
create function search_fold(t text) returns text
language sql immutable parallel safe as $$
  select btrim(regexp_replace(regexp_replace(
    translate(replace(replace(replace(
      lower(regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]', '', 'g') collate "pg_c_utf8"),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'øłđ', 'old') collate "pg_c_utf8",
    '[^[:alnum:]]+', ' ', 'g'),
    '(?<=[0-9])(?=[^0-9 ])|(?<=[^0-9 ])(?=[0-9])', ' ', 'g')) $$;

-- As above with umlauts written as two letters; null where there are none. Müller is also Mueller.
create function search_fold_umlauts(t text) returns text
language sql immutable parallel safe as $$
  select case when n.t ~ '[äöüÄÖÜ]' then
    search_fold(replace(replace(replace(replace(replace(replace(n.t,
      'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue')) end
    from (select normalize(t, NFC) as t) n $$;

-- A word and, behind a ~ that no word has, its stems: what stands between quotation marks must not meet the stem of
-- another word. The dictionaries know stop words and give nothing for them; the word itself stays. Callers cut
-- words at 60 letters: what comes after tells nothing apart, and a lexeme has at most 2 KB.
create function search_lexemes(word text) returns text[]
language sql immutable parallel safe as $$
  select case when word ~ '^[0-9]' then array[word] else
    array[word] || string_to_array('~' || array_to_string(
      ts_lexize('german_stem', word) || ts_lexize('english_stem', word) || ts_lexize('swedish_stem', word), ',~'), ',') end $$;

-- Where each lexeme of a text stands. Postgres keeps 256 places a lexeme and numbers them up to 16,383.
create function search_vector(t text) returns tsvector
language plpgsql immutable strict parallel safe set search_path = public, pg_temp as $$
declare
  plain text := search_fold(t);
  umlauts text := search_fold_umlauts(t);
begin
  return (
    with word as materialized (
      select left(w.word, 60) as word, string_agg(w.place::text, ',') as places
        from (select * from string_to_table(plain, ' ') with ordinality f(word, place)
              union
              select * from string_to_table(umlauts, ' ') with ordinality u(word, place)) w
       where w.word <> '' group by 1),
    lexeme as (
      select x.lexeme, string_agg(word.places, ',') as places
        from word cross join lateral unnest(search_lexemes(word.word)) as x(lexeme) group by 1)
    select coalesce(string_agg('''' || lexeme || ''':' || places, ' '), '')::tsvector from lexeme where lexeme <> '~');
end $$;

-- A project among the lexemes: hits of the few projects of a client are found without touching anybody else's, which a
-- filter on the row could not do (1,000,000 pages: 0.3 s). No word looks like this, words have no signs.
create function search_project(project uuid) returns text
language sql immutable parallel safe as $$ select '@' || project $$;

-- What somebody typed: units [{text, exact, prefix}] of which all must be found. What lies between blanks ("A-1312/B") or
-- quotation marks is a unit, its words stand one after the other; `exact` without stems; `prefix`: its last word may go
-- on. The beginning of a name is enough for every word of a name. null: no words.
create function search_query(units jsonb, of_names boolean) returns tsquery
language plpgsql immutable strict parallel safe set search_path = public, pg_temp as $$
declare
  u jsonb;
  plain text[];
  umlauts text[];
  term tsquery;
  phrase tsquery;
  whole tsquery;
  more text;
begin
  for u in select * from jsonb_array_elements(units) loop
    plain := string_to_array(search_fold(u->>'text'), ' ');
    umlauts := string_to_array(search_fold_umlauts(u->>'text'), ' ');
    phrase := null;
    for i in 1 .. coalesce(cardinality(plain), 0) loop
      continue when plain[i] = '';
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

-- ── Names ──────────────────────────────────────────────────────────────────────────────────────────────────

create table name_text (
  thing_id uuid primary key,                           -- a project, folder or document
  kind text not null check (kind in ('project', 'folder', 'document')),
  project_id uuid not null,
  vector tsvector not null
);
create index name_text_vector on name_text using gin (vector) with (fastupdate = off);
alter table name_text enable row level security;       -- no policy: only the functions below read it

create function name_text_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    delete from name_text where thing_id = old.id;
    return null;
  end if;
  insert into name_text (thing_id, kind, project_id, vector)
  values (new.id, case when tg_table_name = 'node' then to_jsonb(new)->>'kind' else 'document' end, new.project_id,
          search_vector(new.name) || array_to_tsvector(array[search_project(new.project_id)]))
  on conflict (thing_id) do update set project_id = excluded.project_id, vector = excluded.vector;
  return null;
end $$;

-- A move reaches project_id through other columns, so that "update of" would miss it.
create trigger name_text_new after insert on node for each row when (new.kind <> 'firm') execute function name_text_keep();
create trigger name_text_changed after update on node for each row
  when (new.kind <> 'firm' and (old.name <> new.name or old.project_id is distinct from new.project_id))
  execute function name_text_keep();
create trigger name_text_gone after delete on node for each row execute function name_text_keep();
create trigger name_text_new after insert on document for each row execute function name_text_keep();
create trigger name_text_changed after update on document for each row
  when (old.name <> new.name or old.project_id is distinct from new.project_id) execute function name_text_keep();
create trigger name_text_gone after delete on document for each row execute function name_text_keep();

insert into name_text (thing_id, kind, project_id, vector)
select x.id, x.kind, x.project_id, search_vector(x.name) || array_to_tsvector(array[search_project(x.project_id)])
  from (select id, kind, project_id, name from node where kind <> 'firm'
        union all select id, 'document', project_id, name from document) x;

-- ── Text ───────────────────────────────────────────────────────────────────────────────────────────────────

create table page_text (
  version_id uuid not null,
  no int not null,
  document_id uuid not null references document,
  project_id uuid not null references node,
  words text not null,                                 -- as they stand on the page, for snippets
  vector tsvector not null,
  primary key (version_id, no),
  foreign key (version_id, no) references page on delete cascade
);
create index page_text_document on page_text (document_id);
create index page_text_vector on page_text using gin (vector) with (fastupdate = off);

alter table page_text enable row level security;
create policy pipeline on page_text to portico_pipeline using (true);
grant select, insert, update, delete on page_text to portico_pipeline;

-- Text is kept of the current version only; one that becomes current again is read again.
create function page_text_follow() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if old.project_id is distinct from new.project_id then
    update page_text
       set project_id = new.project_id,
           vector = ts_delete(vector, search_project(old.project_id)) || array_to_tsvector(array[search_project(new.project_id)])
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
create trigger page_text_follow after update on document for each row
  when (old.project_id is distinct from new.project_id or old.current_version_id is distinct from new.current_version_id)
  execute function page_text_follow();

-- What was there before this migration: one after the other, behind whatever people wait for.
select job_add('index', jsonb_build_object('version_id', v.id, 'project_id', v.project_id),
               coalesce(n.client_id, n.id)::text, v.id::text, priority => 10)
  from document d join version v on v.id = d.current_version_id join node n on n.id = v.project_id
 where v.state = 'ready' and exists (select from page p where p.version_id = v.id and p.text_key is not null);

-- ── The questions ──────────────────────────────────────────────────────────────────────────────────────────
-- Functions of the tables' owner, because row-level security keeps the planner from the GIN indexes. Both take at most so
-- many candidates of the asker's projects, order them, and let the rule (access_levels) decide slice by slice until n are
-- found: nobody's folders are ever counted up.

-- The projects to look into: those in reach, or the one named if it is among them.
create function search_reach(person uuid, project uuid, at timestamptz) returns uuid[]
language sql stable set search_path = public, pg_temp as $$
  select case when $2 is null then r.ids when $2 = any(r.ids) then array[$2] else '{}' end
    from (select access_reach($1, $3) as ids) r $$;

-- With few projects the index finds their hits alone; with many, nearly all hits are theirs anyway.
create function search_within(query tsquery, reach uuid[]) returns tsquery
language sql immutable set search_path = public, pg_temp as $$
  select case when cardinality(reach) > 100 then query
              else query && (select string_agg(quote_literal(search_project(p)), '|') from unnest(reach) p)::tsquery end $$;

-- Things by name: projects, then folders, then documents, new ones first, after the given pair (kind as 1, 2, 3).
create function search_names(person uuid, units jsonb, project uuid, at timestamptz, after_kind int, after_id uuid, n int)
returns table (id uuid, kind text, project_id uuid, name text, level smallint)
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
  reach uuid[] := search_reach(person, project, at);
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
  for start in 1 .. cardinality(ids) by 200 loop
    return query
    with a as materialized (select * from access_levels(array[person], ids[start:start + 199], at))
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

-- Documents by their text, from the level download up: each once, with the page that fits best and on how many it is
-- found, the best first and among equals the newest, after the given pair. What is held is not found.
create function search_pages(person uuid, units jsonb, project uuid, at timestamptz, after_rank int, after_id uuid, n int)
returns table (id uuid, project_id uuid, name text, level smallint, no int, pages int, rank int, words text, marks text[])
language plpgsql stable rows 50 security definer
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
  reach uuid[] := search_reach(person, project, at);
  query tsquery := search_query(units, false);
  within tsquery;
  ids uuid[];
  versions uuid[];
  nos int[];
  counts int[];
  ranks int[];
  marks text[];   -- what to mark in a snippet: 'vertrag', and 'ver*' for all that begins so
  found int := 0;
  got int;
begin
  if query is null or reach = '{}' then return; end if;
  within := search_within(query, reach);
  marks := array(select distinct m[1] || case when m[2] is null then '' else '*' end
                   from regexp_matches(query::text, '''([^'']+)''(:\*)?', 'g') m);
  with hit as materialized (
    select t.document_id, t.version_id, t.no, t.vector from page_text t
     where t.vector @@ within and t.project_id = any(reach) limit 1000),
  ranked as materialized (
    select hit.document_id, hit.version_id, hit.no, (ts_rank(hit.vector, query) * 1e6)::int as rank
      from hit
      join document d on d.id = hit.document_id and d.current_version_id = hit.version_id
      join version v on v.id = hit.version_id and v.state = 'ready'),
  best as (
    select distinct on (r.document_id) r.*, count(*) over (partition by r.document_id)::int as pages
      from ranked r order by r.document_id, r.rank desc, r.no)
  select array_agg(b.document_id order by o), array_agg(b.version_id order by o), array_agg(b.no order by o),
         array_agg(b.pages order by o), array_agg(b.rank order by o)
    into ids, versions, nos, counts, ranks
    from (select b.*, row_number() over (order by b.rank desc, b.document_id desc) as o from best b
           where (b.rank, b.document_id) < (after_rank, after_id)) b;
  for start in 1 .. coalesce(cardinality(ids), 0) by 200 loop
    return query
    with a as materialized (select * from access_levels(array[person], ids[start:start + 199], at))
    select d.id, d.project_id, d.name, a.level, x.no, x.pages, x.rank, t.words, marks
      from unnest(ids[start:start + 199], versions[start:start + 199], nos[start:start + 199],
                  counts[start:start + 199], ranks[start:start + 199]) with ordinality x(id, version_id, no, pages, rank, o)
      join a on a.thing_id = x.id and a.level >= 2
      join document d on d.id = x.id
      join page_text t on t.version_id = x.version_id and t.no = x.no
     order by x.o limit n - found;
    get diagnostics got = row_count;
    found := found + got;
    exit when found >= n;
  end loop;
end $$;

revoke execute on function search_reach, search_names, search_pages, name_text_keep, page_text_follow from public;
grant execute on function search_names, search_pages to portico_app;
grant execute on function search_vector, search_fold, search_fold_umlauts, search_lexemes, search_project to portico_pipeline;

-- What people note about documents: tags and a description, seen by whoever sees the document; and what is one person's
-- alone: favourites, and what they opened last, by which one knows what is new to them.

alter table document add column tags text[] not null default '{}';
alter table document add column description text not null default '';
alter table document add column described_at timestamptz;          -- the last change of either
alter table document add check (cardinality(tags) <= 20);
grant update (tags, description, described_at) on document to portico_app;
create index document_tags on document using gin (tags) where tags <> '{}';

create table favourite (
  person_id uuid not null references person,
  document_id uuid not null references document,
  project_id uuid not null references node,
  at timestamptz not null default now(),
  primary key (person_id, document_id)
);

create table opened (
  person_id uuid not null references person,
  document_id uuid not null references document,
  project_id uuid not null references node,
  version_id uuid not null references version,
  at timestamptz not null default now(),
  primary key (person_id, document_id)
);
create index opened_last on opened (person_id, at desc);

-- Before this nothing of a project is new to a person.
create table read_until (
  person_id uuid not null references person,
  project_id uuid not null references node,
  at timestamptz not null,
  primary key (person_id, project_id)
);
alter table person add column unread_since timestamptz not null default now();

grant select, insert, update, delete on favourite, opened, read_until to portico_app;

create or replace view document_shown with (security_invoker = true) as
select d.id, d.project_id, d.folder_id, d.name, d.created_at,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as created_by,
       jsonb_build_object(
         'id', v.id, 'no', v.no, 'size', v.size, 'declared_type', v.declared_type, 'detected_type', v.detected_type,
         'sha256', encode(v.sha256, 'hex'), 'state', v.state, 'scan_result', v.scan_result, 'preview_result', v.preview_result,
         'page_count', v.page_count, 'pages_ready', (select count(*) from page p where p.version_id = v.id),
         'created_by', case when vc.id is not null then jsonb_build_object('id', vc.id, 'name', vc.name) end,
         'received_at', v.received_at) as version,
       d.tags, d.description, d.described_at
  from document d
  join version v on v.id = d.current_version_id
  left join person c on c.id = d.created_by
  left join person vc on vc.id = v.created_by;

-- Whether a document's current version is new to somebody: not theirs, not opened, and later than what counts as read.
create function document_unread(who uuid, document uuid, project uuid, version jsonb) returns boolean
language sql stable as $$
  select version->'created_by'->>'id' is distinct from who::text
     and not exists (select from opened o where o.person_id = who and o.document_id = document and o.version_id::text = version->>'id')
     and (version->>'received_at')::timestamptz > greatest(
           (select p.unread_since from person p where p.id = who),
           (select r.at from read_until r where r.person_id = who and r.project_id = project)) $$;
grant execute on function document_unread to portico_app;

-- Tags and descriptions are found as names are.
create or replace function name_text_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  thing_kind text := case when tg_table_name = 'node' then to_jsonb(coalesce(new, old))->>'kind' else 'document' end;
  words text;
begin
  if tg_op = 'DELETE' then
    delete from name_text where thing_id = old.id;
    return null;
  end if;
  words := new.name;
  if thing_kind = 'document' then
    words := concat_ws(' ', words, array_to_string(array(select jsonb_array_elements_text(to_jsonb(new)->'tags')), ' '),
                       to_jsonb(new)->>'description');
  end if;
  insert into name_text (thing_id, kind, project_id, vector)
  values (new.id, thing_kind, new.project_id, search_vector(words) || array_to_tsvector(array[search_project(new.project_id)]))
  on conflict (thing_id) do update set project_id = excluded.project_id, vector = excluded.vector;
  return null;
end $$;
drop trigger name_text_changed on document;
create trigger name_text_changed after update on document for each row
  when (old.name <> new.name or old.project_id is distinct from new.project_id or old.tags <> new.tags
        or old.description <> new.description)
  execute function name_text_keep();

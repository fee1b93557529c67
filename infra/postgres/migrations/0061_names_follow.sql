-- A folder whose new place moves in the same statement is placed twice, and told of in the wrong order: the first word on
-- its project came last, and its name was searched in a project in which it no longer lies. So it is asked where it lies.
create or replace function name_text_keep() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  thing_kind text := case when tg_table_name = 'node' then to_jsonb(coalesce(new, old))->>'kind' else 'document' end;
  words text;
  place uuid;
begin
  if tg_op = 'DELETE' then
    delete from name_text where thing_id = old.id;
    return null;
  end if;
  words := new.name;
  if thing_kind = 'document' then
    words := concat_ws(' ', words, array_to_string(array(select jsonb_array_elements_text(to_jsonb(new)->'tags')), ' '),
                       to_jsonb(new)->>'description');
    place := (select d.project_id from document d where d.id = new.id);
  else
    place := (select n.project_id from node n where n.id = new.id);
  end if;
  insert into name_text (thing_id, kind, project_id, vector)
  values (new.id, thing_kind, place, search_vector(words) || array_to_tsvector(array[search_project(place)]))
  on conflict (thing_id) do update set project_id = excluded.project_id, vector = excluded.vector;
  return null;
end $$;

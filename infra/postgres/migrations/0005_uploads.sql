-- What uploads and the overview ask besides the rule.

-- The projects of those of one's own uploads that are named: their rows stand behind row-level security, and their ids
-- come without their project. Nothing of anybody else's.
create function upload_projects(person uuid, ids uuid[]) returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(distinct u.project_id), '{}') from upload u where u.id = any($2) and u.person_id = $1 $$;
revoke execute on function upload_projects from public;
grant execute on function upload_projects to portico_app;

-- What arrived last in a project.
create index version_project on version (project_id, received_at desc);

-- A document with its current version as contract/document.ts calls them, but for the asker's level. The reader's own
-- row-level security holds behind it.
create view document_shown with (security_invoker = true) as
select d.id, d.project_id, d.folder_id, d.name, d.created_at,
       case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name) end as created_by,
       jsonb_build_object(
         'id', v.id, 'no', v.no, 'size', v.size, 'declared_type', v.declared_type, 'detected_type', v.detected_type,
         'sha256', encode(v.sha256, 'hex'), 'state', v.state, 'scan_result', v.scan_result,
         'preview_result', v.preview_result, 'page_count', v.page_count,
         'pages_ready', (select count(*) from page p where p.version_id = v.id),
         'created_by', case when vc.id is not null then jsonb_build_object('id', vc.id, 'name', vc.name) end,
         'received_at', v.received_at) as version
  from document d
  join version v on v.id = d.current_version_id
  left join person c on c.id = d.created_by
  left join person vc on vc.id = v.created_by;
grant select on document_shown to portico_app;

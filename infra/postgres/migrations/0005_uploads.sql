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

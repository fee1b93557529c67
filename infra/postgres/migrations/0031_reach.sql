-- As in 0002_access.sql; documents with grants of their own are looked up one by one: the planner read the whole table.
create or replace function access_reach(who uuid, at timestamptz) returns uuid[]
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

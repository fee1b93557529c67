-- The simulator asks the rule at these moments: when something that has a say on a thing begins or ends for somebody.
create function access_moments(asker uuid, thing uuid, at timestamptz) returns setof timestamptz
language sql stable security definer set search_path = public, pg_temp as $$
with path as materialized (
  select n.path, n.client_id from node n where n.id = thing
  union all
  select n.path || d.id, n.client_id from document d join node n on n.id = d.folder_id where d.id = thing
),
chain as materialized (
  select s.id from access_selves(array[asker], at) s
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
  select unnest(array[m.valid_from, m.valid_until]) from membership m where m.person_id in (select chain.id from chain)
  union
  select unnest(array[a.valid_from, a.valid_until]) from assignment a, path
   where a.client_id = path.client_id and a.principal_id in (select principal.id from principal)
  union
  select unnest(array[p.valid_from, p.valid_until]) from person p where p.id in (select chain.id from chain)
  union
  select unnest(array[l.valid_from, l.valid_until]) from link l where l.id = asker
)
select moment.moment_at from moment where moment.moment_at > at and moment.moment_at < 'infinity' order by 1 limit 100 $$;
revoke execute on function access_moments from public;
grant execute on function access_moments to portico_app;

/**
 * A firm of any size for measuring the access rule (access figures of docs/architecture.md): made by the server itself,
 * the same for the same size. Not by COPY: nothing goes over the line, and a folder's path is made from its parent's.
 * Triggers are off while it is made; what they keep is worked out at the end.
 */
import type pg from 'pg'

export type Size = {
  documents: number
  folders: number
  projects: number
  clients: number
  people: number
  staff: number
  groups: number
  grants: number
}

export const SMALL: Size = {
  documents: 10_000,
  folders: 1_000,
  projects: 80,
  clients: 30,
  people: 100,
  staff: 20,
  groups: 20,
  grants: 2_000
}
export const BIG: Size = {
  documents: 1_000_000,
  folders: 100_000,
  projects: 8_000,
  clients: 3_000,
  people: 10_000,
  staff: 400,
  groups: 2_000,
  grants: 200_000
}

/** The folder of exactly 100 documents that the lists are measured on, in both worlds. */
export const LISTED_FOLDER = 'pg_temp.id(5, 7)'

/** People and nodes by number. */
const helpers = `
create function pg_temp.id(kind int, n bigint) returns uuid language sql immutable as $$
  select (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
create function pg_temp.any_of(n int) returns int language sql volatile as $$ select floor(random() * n)::int $$;
select setseed(0.42);`

const people = (s: Size) => `
insert into organisation (id, name) select pg_temp.id(1, i), 'Client ' || i from generate_series(0, ${s.clients} - 1) i;
insert into person (id, name, email, email_key, staff_role)
  select pg_temp.id(2, i), 'Person ' || i, i, i, case when i < ${s.staff} then 'staff' end from generate_series(0, ${s.people} - 1) i;
insert into groups (id, name) select pg_temp.id(3, i), 'Group ' || i from generate_series(0, ${s.groups} - 1) i;
-- Staff are in everybody's group 0 and four more of the first twentieth; clients in their organisation and two groups.
insert into membership (person_id, group_id)
  select pg_temp.id(2, i), pg_temp.id(3, 0) from generate_series(0, ${s.staff} - 1) i
  union select pg_temp.id(2, i), pg_temp.id(3, 1 + (i * 7 + k * 3) % ${Math.max(5, s.groups / 20 - 1)}) from generate_series(0, ${s.staff} - 1) i, generate_series(1, 4) k
  union select pg_temp.id(2, i), pg_temp.id(3, ${s.groups / 10} + (i::bigint * 13 + k * 101) % ${(s.groups * 9) / 10}) from generate_series(${s.staff}, ${s.people} - 1) i, generate_series(1, 2) k;
insert into membership (person_id, organisation_id)
  select pg_temp.id(2, i), pg_temp.id(1, i % ${s.clients}) from generate_series(${s.staff}, ${s.people} - 1) i;
insert into group_nesting (outer_id, inner_id)
  select pg_temp.id(3, i), pg_temp.id(3, i + ${s.groups / 2}) from generate_series(${s.groups / 10}, ${s.groups / 4}) i;`

/** Folders grow in rounds of one per project, each under any earlier one of its project. */
const tree = (s: Size) => `
insert into node (id, kind, name, walls, path, scope_id) values (pg_temp.id(0, 0), 'firm', 'Firm', true, array[pg_temp.id(0, 0)], pg_temp.id(0, 0));
insert into node (id, kind, parent_id, project_id, client_id, name, path, scope_id)
  select pg_temp.id(4, i), 'project', pg_temp.id(0, 0), pg_temp.id(4, i), pg_temp.id(1, i % ${s.clients}), 'Project ' || i,
         array[pg_temp.id(0, 0), pg_temp.id(4, i)], pg_temp.id(0, 0) from generate_series(0, ${s.projects} - 1) i;
do $do$ begin
  for round in 0 .. ${Math.ceil(s.folders / s.projects) - 1} loop
    insert into node (id, kind, parent_id, project_id, client_id, name, inherits, path, cut, scope_id)
    select pg_temp.id(5, i), 'folder', up.id, up.project_id, up.client_id, 'Folder ' || i, x.inherits,
           up.path || pg_temp.id(5, i), case when x.inherits then up.cut else cardinality(up.path) + 1 end, pg_temp.id(0, 0)
      from generate_series(round * ${s.projects}, least((round + 1) * ${s.projects}, ${s.folders}) - 1) i
     cross join lateral (select i % 211 <> 210 as inherits, case when round = 0 then pg_temp.id(4, i)
       else pg_temp.id(5, (i::bigint * 7919 / 13 % round) * ${s.projects} + i % ${s.projects}) end as parent) x
      join node up on up.id = x.parent;
    analyze node;
  end loop;
end $do$;
insert into document (id, folder_id, project_id, name)
  select pg_temp.id(6, i), n.id, n.project_id, 'Document ' || (i::bigint * 7919) % 1000003
    from generate_series(0, ${s.documents} - 1) i
    join node n on n.id = pg_temp.id(5, case when i < 100 then 7 when i < ${s.documents / 100} then 8 else 9 + i % (${s.folders} - 9) end);`

const permissions = (s: Size) => `
insert into access_grant (organisation_id, node_id, level)
  select pg_temp.id(1, i % ${s.clients}), pg_temp.id(4, i), 2 from generate_series(0, ${s.projects} - 1) i;
insert into access_grant (group_id, node_id, level)
  select pg_temp.id(3, 1 + i % ${Math.max(5, s.groups / 20 - 1)}), pg_temp.id(4, i), 4 from generate_series(0, ${s.projects} - 1) i
  union all select pg_temp.id(3, 1 + i % 3), pg_temp.id(4, i), 3 from generate_series(0, ${s.projects} - 1) i where i % 5 < 3
  union all select pg_temp.id(3, 1), pg_temp.id(0, 0), 1;
insert into access_grant (person_id, group_id, node_id, document_id, level, allows, valid_from, valid_until)
  select case when x.who < 0.6 then pg_temp.id(2, ${s.staff} + pg_temp.any_of(${s.people - s.staff})) end,
         case when x.who >= 0.6 then pg_temp.id(3, ${s.groups / 10} + pg_temp.any_of(${(s.groups * 9) / 10})) end,
         case when x.what < 0.7 then pg_temp.id(5, pg_temp.any_of(${s.folders})) end,
         case when x.what >= 0.7 then pg_temp.id(6, pg_temp.any_of(${s.documents})) end,
         1 + pg_temp.any_of(4), random() > 0.15,
         case when x.how > 0.95 then '2099-01-01Z'::timestamptz else '-infinity' end,
         case when x.how < 0.05 then '2020-01-01Z'::timestamptz else 'infinity' end
    from (select random() as who, random() as what, random() as how from generate_series(1, ${s.grants - 3 * s.projects})) x;
insert into access_grant (person_id, document_id, level, allows)
  select pg_temp.id(2, ${s.staff} + i), pg_temp.id(6, i * 9), 1 + i % 3, i % 4 > 0 from generate_series(0, 9) i;
insert into access_grant (person_id, node_id, level) select pg_temp.id(2, ${s.staff} + i), pg_temp.id(4, 7 % ${s.projects}), 2 from generate_series(0, 39) i;
insert into access_lock (document_id, hides, valid_from)
  select distinct on (d) pg_temp.id(6, d), d % 3 = 0, '2020-01-01Z'::timestamptz
    from (select 100 + pg_temp.any_of(${s.documents - 100}) as d from generate_series(1, ${s.documents / 100})) x;
insert into access_lock (node_id, hides, valid_from)
  select pg_temp.id(5, 9 + i * 200), false, '2020-01-01Z'::timestamptz from generate_series(0, ${s.folders / 200 - 1}) i;
insert into assignment (group_id, client_id)
  select distinct g.group_id, n.client_id from access_grant g join node n on n.id = g.node_id where n.kind = 'project' and g.group_id is not null
  union select pg_temp.id(3, 1), id from organisation;`

const kept = `
with say as (select thing_id as id from access_grant union select thing_id from access_lock union select id from node where not inherits)
update document d set own_scope = true from say where say.id = d.id;
with say as materialized (select thing_id as id from access_grant union select thing_id from access_lock union select id from node where not inherits),
  scope as (select distinct on (n.id) n.id, p.id as scope_id from node n, unnest(n.path) with ordinality p(id, place)
             where p.place = 1 or p.id in (select id from say) order by n.id, p.place desc)
update node n set scope_id = scope.scope_id from scope where scope.id = n.id and n.scope_id <> scope.scope_id;`

/** Fills an empty migrated database. @param client a superuser's */
export async function buildWorld(client: pg.Client, size: Size): Promise<void> {
  await client.query('set session_replication_role = replica')
  for (const part of [helpers, people(size), tree(size), permissions(size), kept]) await client.query(part)
  await client.query('set session_replication_role = origin')
  await client.query('vacuum analyze')
}

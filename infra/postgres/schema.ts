/**
 * The live schema as one readable file, so that a change of it is seen in review: tables, views, indexes, policies,
 * triggers, functions and grants, as the server itself prints them, in a fixed order.
 *
 *   node infra/postgres/schema.ts [--check]    writes schema.sql, or fails if it is not what the migrations make
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrate } from './migrate.ts'
import { type Passwords, ROLES, SUPERUSER, makeRoles } from './roles.ts'
import { startPostgres } from './server.ts'

const FILE = new URL('./schema.sql', import.meta.url)
const HEAD = `-- Made by "node infra/postgres/schema.ts" from migrations/. Read it; do not edit it.\n`

/** Each query yields rows of one column, `line`, in their order. */
const PARTS: { title: string; query: string }[] = [
  {
    title: 'Tables',
    query: `
      with columns as (
        select a.attrelid, string_agg(format('  %s %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                 case when a.attcollation <> t.typcollation then ' collate ' || c.collname end,
                 case when a.attgenerated = 's' then ' generated always as ' || pg_get_expr(d.adbin, d.adrelid) || ' stored'
                      when a.attidentity = 'a' then ' generated always as identity'
                      when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) end,
                 case when a.attnotnull then ' not null' end), E',\\n' order by a.attnum) as text
          from pg_attribute a join pg_type t on t.oid = a.atttypid
          left join pg_collation c on c.oid = a.attcollation
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attnum > 0 and not a.attisdropped group by 1),
      constraints as (
        select k.conrelid, string_agg(format('  constraint %s %s', k.conname, pg_get_constraintdef(k.oid)), E',\\n' order by k.conname) as text
          from pg_constraint k where k.contype <> 'n' group by 1)
      select format(E'create table %s (\\n%s\\n);%s', r.relname, concat_ws(E',\\n', columns.text, constraints.text),
               case when r.relrowsecurity then format(E'\\nalter table %s enable row level security;', r.relname) end) as line
        from pg_class r join columns on columns.attrelid = r.oid left join constraints on constraints.conrelid = r.oid
       where r.relnamespace = 'public'::regnamespace and r.relkind = 'r' order by r.relname`
  },
  {
    title: 'Views, sequences, collations',
    query: `
      select format(E'create view %s%s as\\n%s', r.relname,
               ' with (' || array_to_string(r.reloptions, ', ') || ')', pg_get_viewdef(r.oid)) as line
        from pg_class r where r.relnamespace = 'public'::regnamespace and r.relkind = 'v'
      union all
      select format('create sequence %s;', r.relname) from pg_class r
       where r.relnamespace = 'public'::regnamespace and r.relkind = 'S'
         and not exists (select from pg_depend d where d.objid = r.oid and d.deptype in ('i', 'a'))
      union all
      select format('create collation %s (provider = %s, locale = %L);', c.collname, c.collprovider, c.colllocale)
        from pg_collation c where c.collnamespace = 'public'::regnamespace
       order by 1`
  },
  {
    title: 'Indexes',
    query: `
      select pg_get_indexdef(i.indexrelid) || ';' as line
        from pg_index i join pg_class r on r.oid = i.indexrelid
       where r.relnamespace = 'public'::regnamespace
         and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
       order by r.relname`
  },
  {
    title: 'Row-level security',
    query: `
      select format(E'create policy %s on %s for %s to %s using (%s)%s;', p.policyname, p.tablename, lower(p.cmd),
               array_to_string(p.roles, ', '), p.qual, ' with check (' || p.with_check || ')') as line
        from pg_policies p where p.schemaname = 'public' order by p.tablename, p.policyname`
  },
  {
    title: 'Triggers',
    query: `
      select pg_get_triggerdef(t.oid) || ';' as line
        from pg_trigger t join pg_class r on r.oid = t.tgrelid
       where not t.tgisinternal and r.relnamespace = 'public'::regnamespace order by r.relname, t.tgname`
  },
  {
    title: 'Functions',
    query: `
      select case when p.prokind = 'a'
               then format('create aggregate %s(%s) (sfunc = %s, stype = %s, initcond = %L);', p.proname,
                      pg_get_function_identity_arguments(p.oid), a.aggtransfn, a.aggtranstype::regtype, a.agginitval)
               else pg_get_functiondef(p.oid) || ';' end as line
        from pg_proc p left join pg_aggregate a on a.aggfnoid = p.oid
       where p.pronamespace = 'public'::regnamespace order by p.proname, pg_get_function_identity_arguments(p.oid)`
  },
  {
    title: 'Grants: who may do what with tables and columns',
    query: `
      with held as (
        select r.relname as name, null::text as column_name, x.grantee, x.privilege_type
          from pg_class r, aclexplode(r.relacl) x
         where r.relnamespace = 'public'::regnamespace and x.grantee <> r.relowner
        union all
        select r.relname, a.attname, x.grantee, x.privilege_type
          from pg_class r join pg_attribute a on a.attrelid = r.oid, aclexplode(a.attacl) x
         where r.relnamespace = 'public'::regnamespace and x.grantee <> r.relowner),
      by_privilege as (
        select h.name, h.grantee, lower(h.privilege_type)
               || coalesce(' (' || string_agg(h.column_name, ', ' order by h.column_name) || ')', '') as what
          from held h group by h.name, h.grantee, h.privilege_type, h.column_name is null)
      select format('grant %s on %s to %s;', string_agg(b.what, ', ' order by b.what), b.name,
               case when b.grantee = 0 then 'public' else b.grantee::regrole::text end) as line
        from by_privilege b group by b.name, b.grantee order by b.grantee::regrole::text, b.name`
  },
  {
    title: 'Grants: who may call which function',
    query: `
      select format('grant execute on function %s to %s;', p.proname,
               string_agg(case when x.grantee = 0 then 'public' else x.grantee::regrole::text end, ', '
                          order by x.grantee::regrole::text)) as line
        from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
       where p.pronamespace = 'public'::regnamespace and x.grantee <> p.proowner
       group by p.proname, p.oid order by p.proname, p.oid::regprocedure::text`
  }
]

/** The schema of a database as text. @param url of any role that may connect; the catalogue is open to all */
export async function describeSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let text = HEAD
    for (const { title, query } of PARTS) {
      const { rows } = await client.query<{ line: string }>(query)
      text += `\n-- ── ${title}\n\n${rows.map((row) => row.line.trim()).join(rows.some((row) => row.line.includes('\n')) ? '\n\n' : '\n')}\n`
    }
    return text.replaceAll(/[ \t]+$/gm, '')
  } finally {
    await client.end()
  }
}

/** Migrates an empty database and describes it. */
async function freshSchema(): Promise<string> {
  const data = join(tmpdir(), `portico-schema-${randomBytes(6).toString('hex')}`)
  const password = randomBytes(16).toString('hex')
  const passwords = Object.fromEntries([...ROLES, SUPERUSER].map((role) => [role, password])) as Passwords
  const server = await startPostgres({ data, port: 0, passwords, settings: { fsync: 'off' } })
  try {
    await makeRoles(server.url(SUPERUSER), passwords)
    await migrate(server.url('portico_owner'))
    return await describeSchema(server.url('portico_owner'))
  } finally {
    await server.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const made = await freshSchema()
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, made)
  } else if (readFileSync(FILE, 'utf8') !== made) {
    console.error(
      'infra/postgres/schema.sql is not what the migrations make: run node infra/postgres/schema.ts'
    )
    process.exitCode = 1
  }
}

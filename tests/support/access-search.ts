/** Search in random worlds: it shows exactly what the rule allows, names from view up, texts from download up. */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { timeOf } from './access-load.ts'
import { level } from './access-model.ts'
import type { TestedWorld } from './access-worlds.ts'

/** Makes a database of worlds ready to be searched. */
export async function prepareSearch(client: pg.ClientBase): Promise<void> {
  for (const name of ['search_names', 'search_pages'])
    await client.query(
      `do $$ begin execute (select format('alter function %s reset plan_cache_mode', oid::regprocedure) from pg_proc
         where proname = '${name}'); end $$`
    )
  // Documents lie on many shelves, whatever their ids begin with.
  await client.query(`
    insert into search_shelf
    select n, (lpad(to_hex(n * 8), 2, '0') || '000000-0000-0000-0000-000000000000')::uuid from generate_series(1, 31) n`)
}

/** Every document has one page that says the same; no lock notices, for the version came when the document last changed. */
export async function addTexts(client: pg.ClientBase): Promise<void> {
  await client.query(`
    insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state, received_at)
    select id, project_id, 1, id::text, id::text, 1, 'text/plain', 'ready', changed_at
      from document where current_version_id is null;
    update document d set current_version_id = v.id from version v where v.document_id = d.id and d.current_version_id is null;
    insert into page (version_id, project_id, no, width, height, image_key, thumbnail_key)
    select id, project_id, 1, 1, 1, '', '' from version;
    insert into page_text (version_id, no, document_id, project_id, words, vector)
    select id, 1, document_id, project_id, 'Schlüsselwort',
           search_page('Schlüsselwort', document_id, project_id) from version`)
}

const UNITS = (text: string) => JSON.stringify([{ text, exact: false, prefix: true }])
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const BEGINNING = { search_names: '0,', search_pages: '' }
const LEAST = { search_names: 1, search_pages: 2 }

async function found(
  client: pg.ClientBase,
  call: keyof typeof BEGINNING,
  who: string,
  word: string,
  at: number
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from ${call}($1, $2, search_reach($1, null, $3, ${LEAST[call]}), $3, ${BEGINNING[call]} $4, 1000)`,
    [who, UNITS(word), timeOf(at), LAST]
  )
  return rows.map((row) => row.id).sort()
}

/** Compares what one asker finds; throws at a difference. How much was found. */
export async function compareSearch(
  client: pg.ClientBase,
  world: TestedWorld,
  who: string,
  at: number
): Promise<number> {
  const may = (least: number, kinds: string[]) =>
    world.things.filter((one) => kinds.includes(one.kind) && level(world, who, one.id, at) >= least)
  const texts = await found(client, 'search_pages', who, 'schlussel', at)
  assert.deepEqual(
    texts,
    may(2, ['document'])
      .map((one) => one.id)
      .sort()
  )
  const names = await found(client, 'search_names', who, 'a', at)
  const named = may(1, ['project', 'folder', 'document']).filter((one) => one.name.startsWith('a'))
  assert.deepEqual(names, named.map((one) => one.id).sort())
  return texts.length + names.length
}

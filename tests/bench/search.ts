/**
 * Search in a million pages of text: names and texts, for clients and for staff who see most of it.
 *
 *   PORTICO_BENCH_PAGES=100000 node tests/bench/search.ts
 *
 * Words are made up of German syllables and follow Zipf's law. 20,480 different pages are made and dealt out to all
 * documents by the server, each to fifty pages of one shelf: quick to build, and a rare word is found oftener than in life.
 */
import type pg from 'pg'
import { readQuery } from '../../functions/_shared/rules/search.ts'
import { offerDatabase, testDatabase } from '../support/database.ts'
import { BIG, SMALL, type Size, buildWorld } from './access-world.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

const PAGES = Number(process.env.PORTICO_BENCH_PAGES ?? 1_000_000)
const PAGES_PER_DOCUMENT = 10
const PAGES_PER_SHELF = 32_000
/** Each on fifty pages of its shelf. */
const BODIES_PER_SHELF = PAGES_PER_SHELF / 50
const BODIES = Math.ceil(PAGES / PAGES_PER_SHELF) * BODIES_PER_SHELF
const WORDS_PER_PAGE = 220
const VOCABULARY = 40_000
const ROUNDS = 200
const BATCH = 500

const ONSETS = 'b br d f fl g gr h k kl l m n p pr r s sch sp st t tr v w z'.split(' ')
const NUCLEI = 'a e i o u ä ö ü ei au ie eu'.split(' ')
const CODAS = 'n r l t s ng rt st ch nd lt ß'.split(' ')
const ENDINGS = ['', 'e', 'en', 'er', 'ung', 'keit', 'lich', 'schaft']

/** Always the same numbers in 0…1 (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const next = numbers(42)
const one = (list: string[]): string => list[Math.floor(next() * list.length)] ?? ''

function makeVocabulary(): string[] {
  const words = new Set<string>()
  while (words.size < VOCABULARY) {
    const syllables = Array.from(
      { length: 1 + Math.floor(next() * 3) },
      () => one(ONSETS) + one(NUCLEI) + one(CODAS)
    )
    words.add(syllables.join('') + one(ENDINGS))
  }
  return [...words]
}

/** The rank of a word that is met by chance: the n-th is met 1/n as often as the first. */
const zipf = () => Math.min(VOCABULARY - 1, Math.floor(VOCABULARY ** next()) - 1)

async function makeBodies(client: pg.Client, vocabulary: string[]): Promise<void> {
  await client.query('create temp table body (no int primary key, words text, vector tsvector)')
  for (let from = 0; from < BODIES; from += BATCH) {
    const texts = Array.from({ length: Math.min(BATCH, BODIES - from) }, () =>
      Array.from({ length: WORDS_PER_PAGE }, () => vocabulary[zipf()]).join(' ')
    )
    await client.query(
      `insert into body
       select $1 + i - 1, t, search_shelve(search_vector(t) || search_pairs(t), (($1 + i - 1) / ${BODIES_PER_SHELF})::int)
         from unnest($2::text[]) with ordinality x(t, i)`,
      [from, texts]
    )
  }
}

/** Versions and pages of all documents, and their texts; indexes are built at the end. */
async function fill(client: pg.Client): Promise<void> {
  await client.query(`
    set session_replication_role = replica;
    insert into search_shelf
    select row_number() over (order by id), id
      from (select id, row_number() over (order by id) as place from document)
     where place % ${PAGES_PER_SHELF / PAGES_PER_DOCUMENT} = 0;
    insert into search_spread select distinct project_id, search_shelf_of(id) from document;
    insert into name_text (thing_id, kind, project_id, vector)
    select x.id, x.kind, x.project_id, search_vector(x.name) || array_to_tsvector(array[search_project(x.project_id)])
      from (select id, kind, project_id, name from node where kind <> 'firm'
            union all select id, 'document', project_id, name from document) x;
    insert into version (id, document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
    select id, id, project_id, 1, id::text, id::text, 1, 'application/pdf', 'ready' from document;
    update document set current_version_id = id;
    insert into page (version_id, project_id, no, width, height, image_key, thumbnail_key)
    select id, project_id, no, 1240, 1754, '', '' from document, generate_series(1, ${PAGES_PER_DOCUMENT}) no;
    drop index page_text_vector;
    alter table page_text set unlogged;
    set work_mem = '256MB';
    insert into page_text (version_id, no, document_id, project_id, words, vector)
    select p.version_id, p.no, p.version_id, p.project_id, b.words,
           b.vector || array_to_tsvector(array[p.shelf || '/' || search_project(p.project_id)])
      from (select page.*, (row_number() over (order by version_id, no) - 1) / ${PAGES_PER_SHELF} as shelf,
                   row_number() over (order by version_id, no) - 1 as place from page) p
      join body b on b.no = p.shelf * ${BODIES_PER_SHELF} + p.place * 7919 % ${BODIES_PER_SHELF};
    set maintenance_work_mem = '512MB';
    create index page_text_vector on page_text using gin (vector) with (fastupdate = off);
    set session_replication_role = origin`)
  await client.query('vacuum analyze')
}

type Asker = { name: string; ids: string[] }

async function openWorld(vocabulary: string[]): Promise<{ app: pg.Client; askers: Asker[]; pages: number }> {
  const base = PAGES > 200_000 ? BIG : SMALL
  const size: Size = { ...base, documents: PAGES / PAGES_PER_DOCUMENT }
  const database = await testDatabase()
  const maker = await database.client('postgres')
  const started = performance.now()
  await buildWorld(maker, size)
  await makeBodies(maker, vocabulary)
  await fill(maker)
  process.stdout.write(`  ${PAGES} pages made in ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
  const ids = async (where: string) =>
    (
      await maker.query<{ id: string }>(
        `select id from person where ${where} order by cardinality(access_reach(id, now())) desc, id limit 40`
      )
    ).rows.map((row) => row.id)
  const askers = [
    { name: 'a client', ids: await ids('staff_role is null') },
    { name: 'staff with the most projects', ids: await ids('staff_role is not null') }
  ]
  const { rows } = await maker.query<{ n: number }>('select count(*)::int as n from page_text')
  await maker.end()
  return { app: await database.client('portico_app'), askers, pages: rows[0]?.n ?? 0 }
}

/** What people type: a word of any frequency, two, one that is not finished yet, and a phrase. */
function question(vocabulary: string[], round: number): string {
  const word = () => vocabulary[zipf()] ?? ''
  const kinds = [
    () => `${word()} `,
    () => `${word()} ${word()} `,
    () => word().slice(0, 4),
    () => `"${word()} ${word()}"`
  ]
  return kinds[round % kinds.length]?.() ?? ''
}

/** As functions/_shared/db/search.sql asks them. */
const NAMES = 'select * from search_names($1, $2, search_reach($1, null, now(), 1), now(), 0, $3, 21)'
const TEXTS = 'select * from search_pages($1, $2, search_reach($1, null, now(), 2), now(), $3, 21)'
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

async function measure(app: pg.Client, asker: Asker, vocabulary: string[]): Promise<number[]> {
  const times: number[] = []
  for (let round = -10; round < ROUNDS; round += 1) {
    const units = JSON.stringify(readQuery(question(vocabulary, round + 12)))
    const who = asker.ids[Math.abs(round) % asker.ids.length]
    const started = performance.now()
    await app.query(NAMES, [who, units, LAST])
    await app.query(TEXTS, [who, units, LAST])
    if (round >= 0) times.push(performance.now() - started)
  }
  return times
}

export async function run(): Promise<Row[]> {
  const stop = process.env.PORTICO_TEST_POSTGRES ? null : await offerDatabase()
  const vocabulary = makeVocabulary()
  const { app, askers, pages } = await openWorld(vocabulary)
  const rows: Row[] = []
  for (const asker of askers) {
    const times = await measure(app, asker, vocabulary)
    rows.push({
      what: `search of ${asker.name} in ${pages.toLocaleString('en')} pages: names and texts`,
      figure: `p50 ${ms(percentile(times, 0.5))}, p95 ${ms(percentile(times, 0.95))}`,
      must: 'p95 ≤ 100 ms',
      aim: 'p95 ≤ 50 ms',
      holds: percentile(times, 0.95) <= 100
    })
  }
  await app.end()
  await stop?.()
  return rows
}

if (import.meta.main) printRows(await run())

/**
 * What a portal is for, once: a document comes in, is checked and drawn, is looked at with somebody's name burned in, is
 * fetched as it was sent, and all of it stands in the log. By the public API, as a person who has signed in; what it made
 * is taken away again.
 */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { PDFDocument } from 'pdf-lib'
import type { Activity } from '../../functions/_shared/contract/activity.ts'
import type { MadeLink } from '../../functions/_shared/contract/link.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'

export const PROJECT = 'Acceptance'
/** Milliseconds that a document may take until its pages are drawn; functions may have to be started first. */
const PATIENCE = 180_000

type Document = { id: string; version: { state: string; sha256: string | null } }
type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** Says each step with what it took; the first that fails is named by what is thrown. */
export const steps = (say: (line: string) => void): Step => {
  return async (name, work) => {
    const started = performance.now()
    try {
      const result = await work()
      say(`ok      ${name} (${Math.round(performance.now() - started)} ms)`)
      return result
    } catch (cause) {
      say(`FAILED  ${name}: ${cause instanceof Error ? cause.message : String(cause)}`)
      throw new Error(`${name} failed`, { cause })
    }
  }
}

/** Throws at the first step that is not as it should be. @param client signed in, as one who works for the firm */
export async function mainJob(client: ApiClient, step: Step): Promise<void> {
  const project = await step('a project', () => ourProject(client))
  const words = `Portico ${randomBytes(6).toString('hex')}`
  const bytes = await paper(words)
  const sent = await step('upload: create, PUT to the store, complete', async () => {
    const receipt = await client.upload(project, [{ name: 'Acceptance.pdf', type: 'application/pdf', bytes }])
    return receipt.outcomes[0]?.document?.id ?? assert.fail('the receipt names no document')
  })
  let link: MadeLink | null = null
  try {
    await step('checked for viruses, pages drawn', () => drawn(client, sent, bytes))
    const clean = await step('a page as a picture, by its address at the store', () =>
      image(client, `/documents/documents/${sent}/pages/1/image`, 302)
    )
    await step('its words', async () => {
      const text = JSON.stringify(await client.call('GET', `/documents/documents/${sent}/pages/2/text`))
      for (const word of words.split(' ')) assert.ok(text.includes(word), word)
    })
    link = await step('a link for somebody outside, who may only view', () =>
      client.call<MadeLink>('POST', '/sharing/links', {
        thing_ids: [sent],
        recipient: 'Acceptance',
        valid_until: new Date(Date.now() + 3_600_000).toISOString()
      })
    )
    const made = link
    await step('opened: the page has the visitor’s name in it, the file is refused', () =>
      visit(client, made, sent, clean)
    )
    await step('the original comes back, byte for byte', async () => {
      const answer = await client.fetch('GET', `/documents/documents/${sent}/content`)
      assert.equal(answer.status, 302)
      const back = Buffer.from(await (await fetch(answer.headers.get('location') ?? '')).arrayBuffer())
      assert.ok(back.equals(bytes), 'other bytes')
    })
    await step('all of it stands in the log', () => logged(client, sent))
  } finally {
    const revoke = link
    if (revoke)
      await step('the link is revoked', () => client.call('POST', `/sharing/links/${revoke.id}/revoke`))
    await step('the document is in the trash, which empties itself', () =>
      client.call('POST', '/documents/things/trash', { things: [sent] })
    )
  }
}

/** One project for all runs: none can be removed, since what happened in it stays in the log. */
async function ourProject(client: ApiClient): Promise<string> {
  const { items } = await client.call<{ items: { id: string; name: string }[] }>(
    'GET',
    '/documents/projects?limit=200'
  )
  const found = items.find(({ name }) => name === PROJECT)
  return (found ?? (await client.call<{ id: string }>('POST', '/documents/projects', { name: PROJECT }))).id
}

/** Two pages that nobody has sent before. */
async function paper(words: string): Promise<Buffer> {
  const document = await PDFDocument.create()
  for (const text of ['Acceptance', words]) document.addPage([420, 595]).drawText(text, { x: 40, y: 480 })
  return Buffer.from(await document.save())
}

async function drawn(client: ApiClient, id: string, bytes: Buffer): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await wait(250)) {
    const { version } = await client.call<Document>('GET', `/documents/documents/${id}`)
    if (version.state === 'held')
      assert.fail('it is held: no virus scanner that answers, or something was found')
    if (version.state !== 'ready') continue
    assert.equal(version.sha256, createHash('sha256').update(bytes).digest('hex'))
    const pages = await client.call<unknown[]>('GET', `/documents/documents/${id}/pages`)
    return assert.equal(pages.length, 2, 'pages')
  }
  assert.fail(`not ready after ${PATIENCE / 1000} s`)
}

async function image(client: ApiClient, path: string, status: 200 | 302): Promise<Buffer> {
  const answer = await client.fetch('GET', path)
  assert.equal(answer.status, status, path)
  const picture = status === 302 ? await fetch(answer.headers.get('location') ?? '') : answer
  assert.equal(picture.status, 200)
  const bytes = Buffer.from(await picture.arrayBuffer())
  assert.equal(bytes.subarray(0, 3).toString('hex'), 'ffd8ff', 'no JPEG')
  return bytes
}

async function visit(client: ApiClient, link: MadeLink, document: string, clean: Buffer): Promise<void> {
  const visitor = new ApiClient(client.origin, client.base)
  await visitor.call('POST', `/sharing/links/${link.id}/open`, {
    secret: new URL(link.url).hash.slice(1),
    name: 'Acceptance visitor'
  })
  const place = `/sharing/visits/${link.id}/documents/${document}`
  const marked = await image(visitor, `${place}/pages/1/image`, 200)
  assert.ok(marked.length > clean.length, 'there is nothing on it that was not there before')
  const refused = await visitor.fetch('GET', `${place}/content`)
  assert.equal(refused.status, 403)
}

const ACTS = [
  'document.received',
  'version.checked',
  'version.ready',
  'document.viewed',
  'page.viewed',
  'document.downloaded'
]

async function logged(client: ApiClient, document_id: string): Promise<void> {
  const { items } = await client.call<{ items: Activity[] }>(
    'GET',
    `/audit/activity?document_id=${document_id}&limit=100`
  )
  const found = new Set<string>(items.map((one) => one.action))
  assert.deepEqual(
    ACTS.filter((action) => !found.has(action)),
    [],
    `not there; there are ${[...found].join(', ')}`
  )
}

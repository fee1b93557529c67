/** The functions that read strangers' bytes do their work in rooms: scan, preview with LibreOffice, watermark. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import sharp from 'sharp'
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import { signJobToken } from '../../functions/_shared/auth/job-token.ts'
import { PreviewAnswer, ScanAnswer } from '../../functions/_shared/contract/job.ts'
import { readStack } from '../../infra/runner/stack.ts'
import { noRooms, startRooms, storeForRooms } from '../support/rooms.ts'

const noOffice = spawnSync('soffice', ['--version']).error ? 'no LibreOffice here' : false
const NAMES = ['scan', 'preview', 'watermark']

describe('work in rooms', { skip: noRooms }, async () => {
  if (noRooms) return
  const master = randomBytes(32)
  const store = await storeForRooms()
  const specs = readStack(new URL('../../stack.yml', import.meta.url), {})
  const key = (name: string) => Buffer.from(jobKey(master, name)).toString('base64')
  const { url, folder } = await startRooms({
    specs: specs.filter(({ name }) => NAMES.includes(name)),
    secrets: Object.fromEntries(NAMES.map((name) => [name, { [`job-key-${name}`]: key(name) }])),
    rooms: { store: store.endpoint, clamav: null }
  })

  async function call(name: string, subject: string, body: object): Promise<Response> {
    const token = await signJobToken(master, name, subject, 30)
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(`${url}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.status !== 200)
      assert.fail(
        `${name} answered ${answer.status}: ${readFileSync(join(folder, 'logs', `${name}.log`), 'utf8')}`
      )
    return answer
  }

  /** One call of preview for a file of one page: what it says, and the page's picture and words. */
  async function show(name: string, bytes: Buffer<ArrayBuffer>) {
    const job = randomUUID()
    const roles = ['image', 'thumbnail', 'text'] as const
    const slots = roles.map(async (role) => {
      const slot = `${job}/1.${role}`
      return { page: 1, role, key: slot, url: await store.slot(slot) }
    })
    const [input, output] = [await store.offer(name, bytes), await Promise.all(slots)]
    const answer = await call('preview', job, {
      job,
      kind: 'preview',
      attempt: 1,
      input,
      cursor: null,
      output
    })
    const made = PreviewAnswer.parse(await answer.json())
    assert.ok(made.outcome === 'done', JSON.stringify(made))
    assert.equal(made.result.preview_result, 'complete', `${name}: ${JSON.stringify(made)}`)
    const image = await store.derived(`${job}/1.image`)
    const text = made.result.pages[0]?.text_key ? await store.derived(`${job}/1.text`) : null
    return { image, words: text === null ? '' : text.toString() }
  }

  test('scan reads an object of the store once and gives its hash', async () => {
    const bytes = randomBytes(20_000_000)
    const job = randomUUID()
    const input = await store.offer('a.bin', bytes)
    const answer = ScanAnswer.parse(
      await (await call('scan', job, { job, kind: 'scan', attempt: 1, input })).json()
    )
    assert.ok(answer.outcome === 'done', JSON.stringify(answer))
    assert.equal(answer.result.sha256, createHash('sha256').update(bytes).digest('hex'))
  })

  test('preview draws pictures, text and drawings', async () => {
    const photo = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#c00' } })
      .jpeg()
      .toBuffer()
    assert.equal((await sharp((await show('photo.jpg', photo)).image).metadata()).format, 'jpeg')
    assert.match((await show('letter.txt', Buffer.from('Guten Tag'))).words, /Guten/)
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'
    await show('plan.svg', Buffer.from(svg))
  })

  test('LibreOffice works in a smaller room inside', { skip: noOffice }, async () => {
    const { words } = await show('a.docx', readFileSync('tests/support/files/office/a.docx'))
    assert.match(words, /Hello/)
    const log = readFileSync(join(folder, 'logs/preview.log'), 'utf8')
    assert.ok(!log.includes('office_without_bubblewrap'), log)
  })

  test('watermark burns a mark into a page that lies in the store', async () => {
    const page = await sharp({ create: { width: 1240, height: 1754, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer()
    const { url: granted } = await store.offer('page.jpg', page)
    const mark = { lines: ['Erika Muster', '28.11.2026'] }
    const answer = await call('watermark', randomUUID(), { page_image: { url: granted }, mark })
    const burned = Buffer.from(await answer.arrayBuffer())
    assert.notDeepEqual(burned, page)
    assert.equal((await sharp(burned).metadata()).width, 1240)
  })
})

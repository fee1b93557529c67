/** The lines of docs/guide/webhooks.md that other people copy do what they say. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { newWebhookSecret, webhookHeaders } from '../../functions/_shared/auth/webhook-signature.ts'
import { EVENT_TYPES, PorticoEvent } from '../../functions/_shared/contract/event.ts'

const guide = readFileSync('docs/guide/webhooks.md', 'utf8')
const block = (language: string): string =>
  guide.split(`\`\`\`${language}\n`)[1]?.split('\n```')[0] ?? assert.fail(language)

const folder = mkdtempSync(join(tmpdir(), 'portico-guide-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'verify.mjs'), block('js'))
const { verify }: { verify: (headers: Record<string, string>, body: string, secret: string) => boolean } =
  await import(pathToFileURL(join(folder, 'verify.mjs')).href)

test('the lines believe a message of the portal, and no other', () => {
  const [secret, old] = [newWebhookSecret(), newWebhookSecret()]
  const body = JSON.stringify({ type: 'document.ready', text: 'ä€' })
  const headers = webhookHeaders('evt_1', new Date(), body, [secret, old])
  assert.equal(verify(headers, body, secret), true)
  assert.equal(verify(headers, body, old), true)
  assert.equal(verify(headers, body, newWebhookSecret()), false)
  assert.equal(verify(headers, `${body} `, secret), false)
  assert.equal(verify({ ...headers, 'webhook-id': 'evt_2' }, body, secret), false)
  assert.equal(verify({}, body, secret), false)
})

test('the lines do not believe what was sent ten minutes ago', () => {
  const secret = newWebhookSecret()
  const headers = webhookHeaders('evt_1', new Date(Date.now() - 600_000), '{}', [secret])
  assert.equal(verify(headers, '{}', secret), false)
})

test('the guide shows an event as it is sent, and names every type', () => {
  const event: unknown = JSON.parse(block('json'))
  assert.deepEqual(PorticoEvent.parse(event), event)
  for (const type of EVENT_TYPES) assert.ok(guide.includes(`\`${type}\``), type)
})

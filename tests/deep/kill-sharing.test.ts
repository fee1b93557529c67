/**
 * kill -9 while links are made, mailed, opened, renewed and revoked: whoever repeats what was not answered has each link
 * once, each mail once, each act once in the log, and what was revoked answers nobody.
 *
 *   node tests/deep/kill-sharing.test.ts [--links 60] [--kills 20] [--seed 1]
 */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ApiClient, ApiError } from '../../infra/demo/api-client.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { type Installation, type Victim, lookInside } from '../faults/installation.ts'
import { type Story, newStory, open, tell, tellAgain } from '../faults/sharers.ts'
import { randomFrom } from '../faults/schedule.ts'

const { values } = parseArgs({
  strict: false,
  options: {
    links: { type: 'string', default: '60' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' }
  }
})
const kills = Number(values.kills)
const random = randomFrom(Number(values.seed))

const VICTIMS: Victim[] = ['sharing', 'backend', 'sharing', 'notify', 'sharing', 'postgres', 'connector']
/** Milliseconds: the longest time between two kills, and all that sharing may take. */
const BETWEEN = 1_600
const REST = 240_000

let stack: Stack
let inside: Installation
let client: ApiClient
let thing_ids: string[]
const stories = Array.from({ length: Number(values.links) }, (_, number) => newStory(number))

before(async () => {
  stack = await startStack()
  inside = await lookInside(stack)
  client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Jonas'))
  const { items } = await client.call<{ items: { id: string; name: string }[] }>('GET', '/documents/projects')
  thing_ids = items.filter((one) => one.name === 'Jahresabschluss 2025').map((one) => one.id)
})
after(async () => {
  await inside?.close()
  await stack?.stop()
})

/** Spread over the time of the kills, eight at once. */
async function share(): Promise<void> {
  const waiting = [...stories]
  const sharer = async () => {
    for (let story = waiting.shift(); story; story = waiting.shift()) {
      await wait(((random() * kills * BETWEEN) / stories.length) * 4)
      await tell(client, thing_ids, story)
    }
  }
  await Promise.all(Array.from({ length: 8 }, sharer))
}

async function killAtRandom(killed: Record<string, number>): Promise<void> {
  for (let i = 0; i < kills; i += 1) {
    await wait(random() * BETWEEN)
    const victim = VICTIMS[i % VICTIMS.length]
    if (victim && (await inside.kill(victim))) killed[victim] = (killed[victim] ?? 0) + 1
  }
}

async function allIsSent(): Promise<void> {
  for (const end = Date.now() + REST; Date.now() < end; await wait(300)) {
    const waits = await inside
      .query(`select from job where kind = 'notify' and state in ('ready', 'active') limit 1`)
      .catch(() => [null])
    if (waits.length === 0) return
  }
  throw new Error('mails still wait')
}

/** The mails that reached somebody, as they lie in the catcher's folder. */
function mailsTo(address: string): { message_id: string; text: string }[] {
  const folder = join(stack.data, 'mail')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .map((name) =>
      readFileSync(join(folder, name), 'utf8')
        .replace(/=\r?\n/g, '')
        .replaceAll('=3D', '=')
    )
    .filter((text) => text.includes(`To: ${address}`))
    .map((text) => ({ text, message_id: /^Message-ID: (\S+)/im.exec(text)?.[1] ?? '' }))
}

/** How often each act stands in the log for a link. */
async function actsOf(link_id: string): Promise<Record<string, number>> {
  const rows = await inside.query<{ action: string; n: number }>(
    `select action, count(*)::int as n from audit
      where subject_id = $1 and action in ('link.created', 'link.mailed', 'link.renewed', 'link.revoked') group by 1`,
    [link_id]
  )
  return Object.fromEntries(rows.map(({ action, n }) => [action, n]))
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it answered',
    (error: unknown) => (error instanceof ApiError ? error.code : String(error))
  )

const visitWith = async (story: Story) =>
  fetch(`${stack.origin}/api/v1/sharing/visits/${story.link?.id}`, { headers: { cookie: story.visit } })

test('whatever is killed meanwhile, each link is there once, mailed once, and each act once in the log', async () => {
  const killed: Record<string, number> = {}
  await Promise.all([share(), killAtRandom(killed)])
  await allIsSent()
  const lost = stories.reduce((sum, story) => sum + story.lost, 0)
  let twice = 0

  for (const story of stories) {
    const { link } = story
    assert.ok(link, story.recipient)
    const again = await tellAgain(client, thing_ids, story)
    assert.deepEqual([again.id, again.url], [link.id, link.url], 'the same link for the same request')
    const rows = await inside.query<{ id: string }>(`select id from link where recipient = $1`, [
      story.recipient
    ])
    assert.deepEqual(
      rows.map((row) => row.id),
      [link.id]
    )
    assert.deepEqual(await actsOf(link.id), {
      'link.created': 1,
      'link.mailed': 1,
      ...(story.renews && { 'link.renewed': 1 }),
      ...(story.revokes && { 'link.revoked': 1 })
    })
  }
  await allIsSent()
  for (const story of stories) {
    const mails = mailsTo(story.to)
    // What was revoked before its mail's turn came is not mailed any more.
    if (!story.revokes) assert.ok(mails.length > 0, `${story.to} got no mail`)
    // A mail server that was told and whose answer got lost is told again, with the same Message-ID.
    assert.ok(new Set(mails.map((one) => one.message_id)).size <= 1, story.to)
    assert.ok(mails.every((one) => story.link && one.text.includes(story.link.url)))
    twice += Math.max(0, mails.length - 1)
  }
  const [gaps] = await inside.query<{ n: number }>(`select (max(seq) - count(*))::int as n from audit`)
  assert.equal(gaps?.n, 0, 'gaps in the log')
  const dead = await inside.query(`select from job where state = 'dead'`)
  assert.equal(dead.length, 0)
  const hits = Object.entries(killed).map(([victim, times]) => `${victim} ${times}`)
  process.stdout.write(
    `kill test of sharing: ${stories.length} links, killed ${hits.join(', ')}, ${lost} answers lost, ${twice} mails came twice\n`
  )
  assert.ok(lost > 0, 'no kill hit anybody')
})

test('a link that was revoked answers nobody, neither at its door nor to whoever was inside', async () => {
  for (const story of stories) {
    const { link } = story
    assert.ok(link)
    const visit = await visitWith(story)
    if (story.revokes) {
      assert.equal(await codeOf(open(stack.origin, link)), 'link_revoked')
      assert.equal(visit.status, 410, story.recipient)
    } else {
      assert.notEqual(await open(stack.origin, link), '')
      assert.equal(visit.status, 200, story.recipient)
    }
  }
})

test('a link that was renewed lasts until the time that was answered', async () => {
  for (const story of stories.filter((one) => one.renews && !one.revokes)) {
    const { valid_until } = await client.call<{ valid_until: string }>(
      'GET',
      `/sharing/links/${story.link?.id}`
    )
    assert.equal(Date.parse(valid_until), Date.parse(story.renewed_until))
  }
})

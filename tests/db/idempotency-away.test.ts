import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Hono } from 'hono'
import { openDatabase } from '../../functions/_shared/db/database.ts'
import { answerError } from '../../functions/_shared/answer-error.ts'
import type { Variables } from '../../functions/_shared/http.ts'
import { idempotent } from '../../functions/_shared/idempotency.ts'
import { testDatabase } from '../support/database.ts'
import { startRelay } from '../support/relay.ts'
import { makeSmallFirm } from '../support/small-firm.ts'

const database = await testDatabase()
const owner = await database.client('portico_owner')
const { person } = await makeSmallFirm(owner)
const relay = await startRelay(database.url('portico_app'))

/** A route that counts how often it was really done, and under which the database goes away. */
async function routeThat(fails: boolean, goesAway = true) {
  const through = openDatabase(relay.url(database.url('portico_app')), 2)
  let done = 0
  const app = new Hono<{ Variables: Variables }>()
  app.onError((error) => answerError(error, 'call'))
  app.use(async (c, next) => {
    c.set('caller', { id: person } as Variables['caller'])
    await next()
  })
  app.post('/act', idempotent(through), async (c) => {
    done += 1
    if (goesAway) relay.cut()
    goesAway = false
    if (fails && done === 1) await through.pool.query('select 1')
    return c.json({ done }, 201)
  })
  const ask = async (key: string) => {
    const answer = await app.request('/act', { method: 'POST', headers: { 'idempotency-key': key } })
    const body: { done?: number; code?: string } = await answer.json()
    return { status: answer.status, ...body }
  }
  return { ask, close: through.close, warm: through.warm }
}

/** Asks until it is answered, as a client does; how it ended, and how long that took. */
async function untilAnswered(ask: () => Promise<{ status: number; done?: number }>, seconds: number) {
  for (const end = Date.now() + seconds * 1_000; ; await wait(200)) {
    const answer = await ask()
    if (answer.status < 400 || Date.now() > end) return answer
  }
}

test('the database went away under a request: its key is free soon after it is back', async (t) => {
  const { ask, close } = await routeThat(true)
  t.after(close)
  assert.equal((await ask('one')).status, 503)
  relay.mend()
  const answer = await untilAnswered(() => ask('one'), 10)
  assert.deepEqual([answer.status, answer.done], [201, 2])
})

test('the database went away after the act: it is answered, and asked again it is answered alike and not done again', async (t) => {
  const { ask, close } = await routeThat(false)
  t.after(close)
  const first = await ask('two')
  assert.deepEqual([first.status, first.done], [201, 1])
  relay.mend()
  const answer = await untilAnswered(() => ask('two'), 10)
  assert.deepEqual([answer.status, answer.done], [201, 1])
})

test('the answer to the claim of a key was lost: the key is free soon after, and only by whom it was claimed', async (t) => {
  const { ask, close, warm } = await routeThat(false, false)
  t.after(close)
  await warm()
  relay.swallow()
  const lost = ask('three')
  await wait(300)
  relay.cut()
  assert.equal((await lost).status, 503)
  relay.mend()
  const answer = await untilAnswered(() => ask('three'), 10)
  assert.deepEqual([answer.status, answer.done], [201, 1])
  await wait(1_500)
  const again = await ask('three')
  assert.deepEqual([again.status, again.done], [201, 1])
})

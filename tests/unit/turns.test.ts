/** Whose page is drawn next, where more is asked for than can be drawn at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn } from '../../functions/watermark/turns.ts'

const never = new AbortController().signal

/** Work that lasts until it is let go, and the names of what was begun, in order. */
function desk() {
  const begun: string[] = []
  const under_way: (() => void)[] = []
  const ask = (asker: string, name = asker, signal = never) =>
    inTurn(asker, signal, () => {
      begun.push(name)
      return new Promise<void>((done) => under_way.push(done))
    })
  /** Lets the oldest under way end, and waits until the next one has begun. */
  const next = async () => {
    under_way.shift()?.()
    await new Promise((done) => setImmediate(done))
  }
  const rest = async () => {
    while (under_way.length > 0) await next()
  }
  return { begun, ask, next, rest }
}

test('three at a time; who asks for one page comes before the queue of somebody who asks for 200', async () => {
  const { begun, ask, next, rest } = desk()
  const all = Array.from({ length: 200 }, (_, no) => ask('anna', `anna ${no}`))
  assert.deepEqual(begun, ['anna 0', 'anna 1', 'anna 2'])
  all.push(ask('ben'), ask('carl'), ask('ben', 'ben again'))
  await next()
  await next()
  assert.deepEqual(begun.slice(3), ['ben', 'carl'])
  await rest()
  await Promise.all(all)
  assert.equal(begun.length, 203)
  assert.ok(begun.indexOf('ben again') < 8)
  const annas = begun.filter((name) => name.startsWith('anna'))
  assert.deepEqual(
    annas,
    annas.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
  )
})

test('many visits of one link are one; among them each has its turn', async () => {
  const { begun, ask, next, rest } = desk()
  const all = Array.from({ length: 100 }, (_, no) => ask(`link/visit ${no % 50}`))
  all.push(ask('link/late'), ask('other/visit'))
  await next()
  assert.equal(begun.at(-1), 'other/visit')
  await rest()
  await Promise.all(all)
  // After the first page of each of the fifty, before the second of any but the three that had begun.
  assert.ok(begun.indexOf('link/late') <= 54, `${begun.indexOf('link/late')}`)
})

test('what nobody waits for any more is not drawn, and what fails leaves its place', async () => {
  const { begun, ask, next, rest } = desk()
  const gone = new AbortController()
  const all = ['a', 'b', 'c'].map((name) => ask(name))
  const left = assert.rejects(ask('d', 'd', gone.signal), /nobody waits/)
  const failed = assert.rejects(
    inTurn('e', never, () => Promise.reject(new Error('no image'))),
    /no image/
  )
  all.push(ask('f'))
  gone.abort(new Error('nobody waits'))
  await next()
  await Promise.all([left, failed])
  assert.deepEqual(begun, ['a', 'b', 'c', 'f'])
  await rest()
  await Promise.all(all)
})

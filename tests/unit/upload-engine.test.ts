import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_BATCH, MAX_FILE_SIZE as CONTRACT_MAX } from '../../functions/_shared/contract/upload.ts'
import { Coalescer } from '../../web/src/lib/upload/coalesce.ts'
import { headHash } from '../../web/src/lib/upload/head.ts'
import { BATCH, HEAD_SIZE, MAX_FILE_SIZE } from '../../web/src/lib/upload/limits.ts'
import { mismatch } from '../../web/src/lib/upload/match.ts'
import { Pace } from '../../web/src/lib/upload/pace.ts'
import { arrivedParts, partLength, partRange, partsToDo } from '../../web/src/lib/upload/plan.ts'
import { verdict } from '../../web/src/lib/upload/verdict.ts'
import { Weather, backOff } from '../../web/src/lib/upload/weather.ts'

test('the engine stops where the contract does', () => {
  assert.equal(BATCH, MAX_BATCH)
  assert.equal(MAX_FILE_SIZE, CONTRACT_MAX)
})

test('the parts of a file are the file, without gap or overlap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      (size, part_size) => {
        const count = Math.ceil(size / part_size)
        let end = 0
        for (let no = 1; no <= Math.min(count, 200); no += 1) {
          const range = partRange(size, part_size, no)
          assert.equal(range.start, end)
          end = range.end
        }
        assert.equal(partRange(size, part_size, count).end, size)
      }
    ),
    { numRuns: 200 }
  )
})

test('an empty file is one empty part', () => {
  assert.deepEqual(partRange(0, 16, 1), { start: 0, end: 0 })
  assert.equal(partLength(0, 16, 1), 0)
})

test('parts that are done or on their way are not sent again', () => {
  assert.deepEqual(partsToDo(5, new Set([1, 3]), new Map([[4, 0]])), [2, 5])
  assert.deepEqual(partsToDo(5, new Set(), new Set(), 2), [1, 2])
})

test('a part of the wrong length counts as not arrived', () => {
  const upload = { size: 25, part_size: 10, part_count: 3 }
  const parts = [
    { number: 1, size: 10 },
    { number: 2, size: 9 },
    { number: 3, size: 5 },
    { number: 4, size: 10 }
  ]
  assert.deepEqual(arrivedParts(upload, parts), new Set([1, 3]))
})

test('a second PUT of a whole file that gets 412 means that it is there already', () => {
  assert.equal(verdict(412, true), 'arrived')
  assert.equal(verdict(412, false), 'stale')
  assert.equal(verdict(200, false), 'arrived')
  assert.equal(verdict(403, true), 'stale')
  assert.equal(verdict(0, true), 'away')
  assert.equal(verdict(503, false), 'away')
  assert.equal(verdict(400, false), 'refused')
})

test('waiting grows from one second to twenty and no further', () => {
  assert.equal(backOff(1, 0), 1_000)
  assert.equal(backOff(3, 0), 4_000)
  assert.equal(backOff(50, 0), 20_000)
  assert.equal(backOff(1, 1), 750)
})

test('while the store is away one request asks for all, and the first that gets through frees the others', () => {
  const weather = new Weather(() => 0)
  assert.equal(weather.room(0, 6), 6)
  weather.failed(0)
  for (let i = 0; i < 5; i += 1) weather.failed(10) // its siblings, in flight at the same time
  assert.equal(weather.sky, 'away')
  assert.equal(weather.room(999, 6), 0)
  assert.equal(weather.room(1_000, 6), 1)
  weather.failed(1_000)
  assert.equal(weather.room(2_999, 6), 0)
  weather.hope(2_000)
  assert.equal(weather.room(2_000, 6), 1)
  weather.succeeded()
  assert.equal(weather.room(2_001, 6), 6)
})

test('speed is smoothed, time left follows, and sending a part again is not speed', () => {
  const pace = new Pace()
  assert.equal(pace.secondsFor(1), null)
  for (let i = 0; i <= 20; i += 1) pace.sample(i * 500, i * 500_000)
  assert.ok(Math.abs(pace.perSecond - 1_000_000) < 1_000, String(pace.perSecond))
  assert.ok(Math.abs((pace.secondsFor(10_000_000) ?? 0) - 10) < 0.1)
  pace.sample(10_500, 9_000_000)
  assert.ok(pace.perSecond < 1_000_000 && pace.perSecond > 0)
})

test('a pause is not slowness', () => {
  const pace = new Pace()
  for (let i = 0; i <= 10; i += 1) pace.sample(i * 500, i * 500)
  const before = pace.perSecond
  pace.rest()
  pace.sample(600_000, 5_000)
  assert.equal(pace.perSecond, before)
})

test('the head hash covers the first MiB and no more', async () => {
  const head = new Uint8Array(HEAD_SIZE).fill(7)
  const a = await headHash(new Blob([head, 'one']))
  const b = await headHash(new Blob([head, 'two']))
  assert.equal(a, b)
  assert.equal(
    await headHash(new Blob([])),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  )
})

test('a wrong file is told from the right one by name, size, content', () => {
  const begun = { name: 'Bilanz (2).pdf', size: 10, head_sha256: 'aa' }
  const same = { name: 'Bilanz.pdf', size: 10, head_sha256: 'aa' }
  assert.equal(mismatch(begun, same), null)
  assert.equal(mismatch(begun, { ...same, name: 'Gehalt.pdf' }), 'name')
  assert.equal(mismatch(begun, { ...same, size: 11 }), 'size')
  assert.equal(mismatch(begun, { ...same, head_sha256: 'bb' }), 'content')
  assert.equal(mismatch({ ...begun, name: 'Mu\u0308ller.pdf' }, { ...same, name: 'M\u00fcller.pdf' }), null)
})

test('what is finished within a moment goes in one call, one call at a time', async () => {
  const calls: number[][] = []
  let running = 0
  const coalescer = new Coalescer<number>(5, 3, async (items) => {
    running += 1
    assert.equal(running, 1)
    calls.push(items)
    await new Promise((resolve) => setTimeout(resolve, 10))
    running -= 1
  })
  for (let i = 1; i <= 7; i += 1) coalescer.add(i)
  await new Promise((resolve) => setTimeout(resolve, 80))
  assert.deepEqual(calls, [[1, 2, 3], [4, 5, 6], [7]])
})

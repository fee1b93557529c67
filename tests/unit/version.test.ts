import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ScanResult, VersionState } from '../../functions/_shared/contract/document.ts'
import {
  afterPreview,
  afterRedraw,
  afterRelease,
  afterRescan,
  afterScan,
  afterScanGaveUp,
  afterSomePages
} from '../../functions/_shared/rules/version.ts'
import { isUpToDate } from '../../functions/_shared/rules/scanner.ts'
import { readVersion } from '../../functions/scan/clamd.ts'

const found = { sha256: 'ab', detected_type: 'application/pdf', scan_detail: null, scanner: null }
const scanner = { engine: 'ClamAV 1.4.3', signatures: 27_823, dated_at: '2026-11-27T09:24:11.000Z' }

test('a clean file is checked and goes to the preview', () => {
  const plan = afterScan({ state: 'received', deliver_unscanned: false }, { ...found, scan_result: 'clean' })
  assert.equal(plan.change.state, 'checked')
  assert.equal(plan.change.sha256, 'ab')
  assert.equal(plan.act?.action, 'version.checked')
  assert.equal(plan.next, 'preview')
  assert.equal(plan.tell, null)
})

test('an infected file is held whatever the setting says, and its uploader and the firm are told', () => {
  for (const deliver_unscanned of [true, false]) {
    const plan = afterScan(
      { state: 'received', deliver_unscanned },
      { ...found, scan_result: 'infected', scan_detail: 'Eicar' }
    )
    assert.equal(plan.change.state, 'held')
    assert.equal(plan.change.scan_detail, 'Eicar')
    assert.equal(plan.next, null)
    assert.equal(plan.tell, 'uploader_and_firm')
  }
})

test('what nobody scanned is delivered or held as the firm has set it, and is never called clean', () => {
  for (const scan_result of ['not_scanned', 'too_large'] as const) {
    const delivered = afterScan({ state: 'received', deliver_unscanned: true }, { ...found, scan_result })
    assert.equal(delivered.change.state, 'checked')
    assert.equal(delivered.change.scan_result, scan_result)
    const held = afterScan({ state: 'received', deliver_unscanned: false }, { ...found, scan_result })
    assert.equal(held.change.state, 'held')
    assert.equal(held.tell, 'firm')
  }
})

test('a scan that gave up holds the file, also where unscanned files are delivered', () => {
  const plan = afterScanGaveUp({ state: 'received', deliver_unscanned: true }, 'gave_up')
  assert.equal(plan.change.state, 'held')
  assert.deepEqual(plan.act, { action: 'version.held', facts: { reason: 'scan_failed' } })
})

test('what is found in a later scan is held, whoever reads it; what nobody had looked at becomes clean', () => {
  for (const state of ['checked', 'previewing', 'ready'] as const) {
    const facts = { state, deliver_unscanned: true }
    const late = afterRescan(facts, { ...found, scan_result: 'infected', scan_detail: 'Late', scanner })
    assert.deepEqual(late.change, { state: 'held', scan_result: 'infected', scan_detail: 'Late', scanner })
    assert.equal(late.tell, 'uploader_and_firm')
    const clean = afterRescan(facts, { ...found, scan_result: 'clean', scanner })
    assert.deepEqual([clean.change, clean.act], [{ scan_result: 'clean', scanner }, null])
    assert.deepEqual(afterRescan(facts, { ...found, scan_result: 'not_scanned' }).change, {})
    assert.deepEqual(afterRescan(facts, { ...found, scan_result: 'too_large', scanner }).change, { scanner })
  }
  for (const state of ['received', 'held'] as const)
    assert.deepEqual(
      afterRescan({ state, deliver_unscanned: true }, { ...found, scan_result: 'infected', scanner }).change,
      {}
    )
})

test('signatures are of use for so many days; of unknown age they are none', () => {
  const day = (days: number) => new Date(Date.parse(scanner.dated_at) + days * 86_400_000)
  assert.deepEqual(
    [0, 7, 7.01, 40].map((days) => isUpToDate(scanner, 7, day(days))),
    [true, true, false, false]
  )
  assert.equal(isUpToDate({ ...scanner, dated_at: null }, 7, day(0)), false)
  assert.equal(isUpToDate({ ...scanner, dated_at: null }, 0, day(0)), true)
})

test('what clamd says of itself is understood, and nothing else', () => {
  assert.deepEqual(readVersion('ClamAV 1.4.3/27823/Fri Nov 27 09:24:11 2026'), scanner)
  assert.deepEqual(readVersion('ClamAV 1.4.3'), { engine: 'ClamAV 1.4.3', signatures: null, dated_at: null })
  for (const line of ['', 'UNKNOWN COMMAND', 'PONG']) assert.equal(readVersion(line), null)
})

test('first pages make it previewing, the last ones ready', () => {
  const facts = { state: 'checked', deliver_unscanned: true } as const
  const some = afterSomePages(facts, { page_count: 9, pages_so_far: 2 })
  assert.deepEqual(some.change, { state: 'previewing', page_count: 9 })
  assert.equal(some.act, null)
  const all = afterPreview({ ...facts, state: 'previewing' }, 'complete', { page_count: 9, pages_so_far: 9 })
  assert.deepEqual(all.change, { state: 'ready', preview_result: 'complete', page_count: 9 })
  assert.deepEqual(all.act, { action: 'version.ready', facts: { pages: 9 } })
})

test('what cannot be previewed is ready too, and says why', () => {
  const plan = afterPreview({ state: 'checked', deliver_unscanned: true }, 'encrypted', {
    page_count: null,
    pages_so_far: 0
  })
  assert.deepEqual(plan.change, { state: 'ready', preview_result: 'encrypted' })
  assert.deepEqual(plan.act, { action: 'version.not_previewed', facts: { reason: 'encrypted', pages: 0 } })
})

test('what is drawn again stays ready and says what it has now, unless it had pages and got none', () => {
  const facts = { state: 'ready', deliver_unscanned: true } as const
  const whole = afterRedraw(facts, 'complete', { page_count: 9, pages_so_far: 9 })
  assert.deepEqual(whole.change, { preview_result: 'complete', page_count: 9 })
  assert.deepEqual([whole.act?.action, whole.next], ['version.redrawn', 'index'])
  assert.deepEqual(afterRedraw(facts, 'encrypted', { page_count: null, pages_so_far: 0 }).change, {
    preview_result: 'encrypted'
  })
  assert.deepEqual(afterRedraw(facts, 'too_complex', { page_count: 9, pages_so_far: 3 }).change, {})
  assert.equal(
    afterRedraw({ ...facts, state: 'held' }, 'complete', { page_count: 1, pages_so_far: 1 }).act,
    null
  )
})

test('only what is held can be released, and then it is previewed', () => {
  assert.equal(afterRelease({ state: 'ready', deliver_unscanned: true }), null)
  assert.equal(afterRelease({ state: 'held', deliver_unscanned: true })?.next, 'preview')
})

test('no answer moves a version backwards or out of being held', () => {
  const order = ['received', 'checked', 'previewing', 'ready']
  const facts = fc.record({
    state: fc.constantFrom(...VersionState.options),
    deliver_unscanned: fc.boolean()
  })
  const progress = { page_count: 3, pages_so_far: 1 }
  fc.assert(
    fc.property(facts, fc.constantFrom(...ScanResult.options), (f, scan_result) => {
      for (const plan of [
        afterScan(f, { ...found, scan_result }),
        afterScanGaveUp(f, 'x'),
        afterSomePages(f, progress),
        afterPreview(f, 'broken', progress)
      ]) {
        const next = plan.change.state
        if (next === undefined) continue
        assert.notEqual(f.state, 'held')
        if (next === 'held') assert.equal(f.state, 'received')
        else assert.ok(order.indexOf(next) >= order.indexOf(f.state), `${f.state} → ${next}`)
      }
    })
  )
})

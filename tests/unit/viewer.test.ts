import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withGaps } from '../../web/src/lib/viewer/gaps.ts'
import { actOf, zoomStep } from '../../web/src/lib/viewer/keys.ts'

const page = (no: number, height = 1_754) => ({ no, width: 1_240, height, has_text: true })

test('a page that could not be made leaves its place, and page 7 stays page 7', () => {
  const shown = withGaps([page(2), page(4, 900)], 5)
  assert.deepEqual(
    shown.map(({ no, missing, height }) => [no, missing, height]),
    [
      [1, true, 1_754],
      [2, false, 1_754],
      [3, true, 1_754],
      [4, false, 900],
      [5, true, 900]
    ]
  )
})

test('while pages are being made, those to come are no gaps', () => {
  assert.equal(withGaps([page(1), page(2)], null).length, 2)
  assert.deepEqual(withGaps([], 12), [])
})

test('the browser keeps its own keys', () => {
  const press = { ctrlKey: false, metaKey: false, altKey: false }
  assert.equal(actOf({ ...press, key: 'PageDown' }), 'next')
  assert.equal(actOf({ ...press, key: '+', ctrlKey: true }), null)
  assert.equal(actOf({ ...press, key: 'ArrowLeft', altKey: true }), null)
  assert.equal(actOf({ ...press, key: 'x' }), null)
})

test('zoom goes in steps and stops at its ends', () => {
  assert.equal(zoomStep(1, 'in'), 1.25)
  assert.equal(zoomStep(1, 'out'), 0.8)
  assert.equal(zoomStep(3, 'in'), 3)
  assert.equal(zoomStep(0.5, 'out'), 0.5)
})

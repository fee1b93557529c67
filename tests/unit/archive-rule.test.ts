/** What goes into a ZIP, and what is left out when its turn has come. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manifestOf, whyNotNow } from '../../functions/_shared/rules/archive.ts'

const fate = { level: 'download', version_id: 'a', current_version_id: 'a', state: 'ready' } as const

test('a file whose turn has come goes in as it was ordered, or not at all', () => {
  assert.equal(whyNotNow(fate), null)
  assert.equal(whyNotNow({ ...fate, level: 'manage', state: 'checked' }), null)
  assert.equal(whyNotNow({ ...fate, level: 'none' }), 'gone')
  assert.equal(whyNotNow({ ...fate, current_version_id: null }), 'gone')
  assert.equal(whyNotNow({ ...fate, current_version_id: 'b' }), 'replaced')
  assert.equal(whyNotNow({ ...fate, level: 'view' }), 'view_only')
  assert.equal(whyNotNow({ ...fate, state: 'held' }), 'held')
  assert.equal(
    whyNotNow({ ...fate, level: 'none', current_version_id: 'b' }),
    'gone',
    'no word of what is out of reach'
  )
})

test('the manifest names what is in with its sum, and what was left out as a comment', () => {
  const sum = 'a'.repeat(64)
  assert.equal(
    manifestOf([{ sha256: sum, path: 'Ordner/a.txt' }], [{ path: 'b.txt', why: 'replaced' }]),
    `${sum}  Ordner/a.txt\n# not included (replaced): b.txt\n`
  )
})

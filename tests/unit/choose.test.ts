/** Which pushes a restore takes its documents from. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Found, chooseMoment, chooseNewest } from '../../infra/backup/choose.ts'
import type { Whole } from '../../infra/backup/runs.ts'

const run: Whole = {
  ...{ run: 'a', at: '10:00', seq: 1, server: '18', copied_at: '10:01', has_wal: true },
  ...{ database: 'd', objects: 'o', secrets: 's' }
}
const recents = ['10:10', '10:20', '10:30'].map((at) => ({ id: at, run: 'a', at, erased: 0 }))
const foundUpTo = (at: string): Found => ({
  runs: [run],
  wals: [{ id: 'w', run: 'a', at, mark: 'm', seq: 2 }],
  recents: [...recents, { id: 'another', run: 'b', at: '10:15', erased: 0 }]
})
const ids = (choice: { recents: { id: string }[] }) => choice.recents.map((one) => one.id)

test('a moment has the documents of the push before it, erased since or not, and of the next one', () => {
  const found = foundUpTo('10:30')
  assert.deepEqual(ids(chooseMoment(found, '10:05')), ['10:10'])
  assert.deepEqual(ids(chooseMoment(found, '10:12')), ['10:10', '10:20'])
  assert.deepEqual(ids(chooseMoment(found, '10:20')), ['10:20', '10:30'])
})

test('the newest state has the documents of the last push, and what was erased after the end of the log', () => {
  assert.deepEqual(ids(chooseNewest(foundUpTo('10:30'))), ['10:30'])
  assert.deepEqual(ids(chooseNewest(foundUpTo('10:40'))), ['10:30'])
  assert.deepEqual(ids(chooseNewest(foundUpTo('10:12'))), ['10:10', '10:30'])
})

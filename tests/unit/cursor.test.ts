import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { makeCursor, pageFrom, readCursor } from '../../functions/_shared/cursor.ts'
import { Problem } from '../../functions/_shared/problem.ts'

const Place = z.object({ name: z.string(), id: z.uuid() })

test('a cursor comes back as the place it was made of', () => {
  const place = { name: 'Übersicht', id: crypto.randomUUID() }
  assert.deepEqual(readCursor(makeCursor(place), Place), place)
  assert.equal(readCursor(undefined, Place), null)
  assert.match(makeCursor(place), /^[\w-]+$/)
})

test('what we did not make is refused', () => {
  for (const cursor of [
    '',
    '{}',
    'AAAA',
    makeCursor({ name: 1 }),
    makeCursor({ name: '\u0000', id: crypto.randomUUID() })
  ])
    assert.throws(
      () => readCursor(cursor, Place),
      (error) => error instanceof Problem && error.code === 'invalid_request'
    )
})

test('a page knows whether there is another one', () => {
  const place = (no: number) => ({ no })
  assert.deepEqual(pageFrom([1, 2], 2, place), { items: [1, 2], next: null })
  assert.deepEqual(pageFrom([1, 2, 3], 2, place), { items: [1, 2], next: makeCursor({ no: 2 }) })
  assert.deepEqual(pageFrom([], 2, place), { items: [], next: null })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { MAX_FILE_SIZE, PART_SIZE } from '../../functions/_shared/contract/upload.ts'
import { missingParts, partCount, partLength, planUpload } from '../../functions/_shared/rules/upload.ts'

suite('the plan of an upload', () => {
  test('one PUT up to 16 MiB, parts beyond', () => {
    assert.deepEqual(planUpload(0), { part_size: PART_SIZE, part_count: 1 })
    assert.deepEqual(planUpload(PART_SIZE), { part_size: PART_SIZE, part_count: 1 })
    assert.deepEqual(planUpload(PART_SIZE + 1), { part_size: PART_SIZE, part_count: 2 })
    assert.throws(() => planUpload(MAX_FILE_SIZE + 1), RangeError)
    assert.throws(() => planUpload(-1), RangeError)
    assert.throws(() => planUpload(0.5), RangeError)
  })

  test('is the whole file, in at most 10,000 parts that the store takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_FILE_SIZE }), (size) => {
        const { part_size, part_count } = planUpload(size)
        assert.equal(partCount(size, part_size), part_count)
        assert.ok(part_count <= 10_000 && part_size >= 5 * 1024 * 1024)
        const last = partLength(size, part_size, part_count)
        assert.equal((part_count - 1) * part_size + last, size)
        assert.ok(last > 0 || size === 0)
      })
    )
  })
})

suite('what is missing', () => {
  const upload = { size: 2 * PART_SIZE + 5, part_size: PART_SIZE }

  test('parts that are not there or have another length', () => {
    assert.deepEqual(missingParts(upload, []), [1, 2, 3])
    const some = [
      { number: 3, size: 5 },
      { number: 1, size: PART_SIZE - 1 }
    ]
    assert.deepEqual(missingParts(upload, some), [1, 2])
  })

  test('nothing, in whatever order they came', () => {
    const all = [3, 1, 2].map((number) => ({ number, size: partLength(upload.size, PART_SIZE, number) }))
    assert.deepEqual(missingParts(upload, all), [])
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentBytes } from '../../functions/_shared/rules/delivery.ts'
import { readAccessEvent } from '../../functions/intake/access-event.ts'

test('an answer without a range carried the whole object, an empty one too', () => {
  assert.deepEqual(sentBytes(undefined, 100, 100), { first: 0, past: 100 })
  assert.deepEqual(sentBytes(undefined, 0, 0), { first: 0, past: 0 })
})

test('a range carried what its first byte and the answer’s length say', () => {
  assert.deepEqual(sentBytes('bytes=0-99', 100, 5_000), { first: 0, past: 100 })
  assert.deepEqual(sentBytes('bytes=4990-', 10, 5_000), { first: 4_990, past: 5_000 })
  assert.deepEqual(sentBytes('bytes=-10', 10, 5_000), { first: 4_990, past: 5_000 })
})

test('several ranges are answered with the whole object; what makes no sense proves nothing', () => {
  assert.deepEqual(sentBytes('bytes=0-1,5-6', 5_000, 5_000), { first: 0, past: 5_000 })
  assert.equal(sentBytes('bytes=0-1,5-6', 70, 5_000), null)
  assert.equal(sentBytes('bytes=4990-', 100, 5_000), null)
  assert.equal(sentBytes(undefined, 10, 5_000), null)
})

/** As MinIO of February 2026 sends it, shortened to what is read. */
const event = (userAgent: string, range?: string, length = '100') =>
  JSON.stringify({
    Records: [
      {
        eventName: 's3:ObjectAccessed:Get',
        requestParameters: { principalId: 'store-download', ...(range && { range }) },
        responseElements: { 'content-length': length },
        s3: { object: { key: 'a%2Fb', size: 5_000, versionId: 'v1' } },
        source: { host: '127.0.0.1', userAgent }
      }
    ]
  })

test('only reads that carry a ticket count', () => {
  const ticket = '01a2059d-6a35-7546-be33-876b04016471'
  assert.deepEqual(readAccessEvent(event(`portico-ticket/${ticket}`, 'bytes=0-99')), [
    { ticket, object_version_id: 'v1', archive: false, first: 0, past: 100 }
  ])
  assert.deepEqual(readAccessEvent(event('portico-edge', undefined, '5000')), [])
  assert.deepEqual(readAccessEvent(event(`Mozilla portico-ticket/${ticket}`, 'bytes=0-99')), [])
  assert.deepEqual(readAccessEvent('{'), [])
})

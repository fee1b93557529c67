import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refuseSender } from '../../functions/_shared/rules/drop.ts'
import { dropPrefix, keyOfDrop } from '../../functions/_shared/storage/buckets.ts'
import { placeOfDrop } from '../../functions/_shared/pipeline/adopt.ts'
import { machineRequestHeaders, refuseMachineRequest } from '../../infra/edge/machine-rules.ts'

const PROJECT = '01890000-0000-7000-8000-000000000001'
const KEY = '01890000-0000-7000-8000-000000000002'
const OWN = `/portico-drops/${dropPrefix(PROJECT, KEY)}`
const SIGNED = {
  host: 's3.example.com',
  'x-amz-date': '20261129T000000Z',
  'x-amz-security-token': 'head.claims.signature',
  'x-amz-content-sha256': 'a'.repeat(64),
  'content-length': '3',
  authorization: `AWS4-HMAC-SHA256 Credential=KEY/20261129/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=${'0'.repeat(64)}`
}
const refused = (method: string, url: string, headers: Record<string, string | undefined> = {}) =>
  refuseMachineRequest(method, url, { ...SIGNED, ...headers })?.status ?? null

describe('the machines’ door', () => {
  test('lets pass what rclone and the AWS CLI do to bring files', () => {
    for (const [method, url] of [
      ['PUT', `${OWN}a.txt`],
      ['PUT', `${OWN}a.txt?x-id=PutObject`],
      ['PUT', `${OWN}Gr%C3%BC%C3%9Fe%20%26%20Co.txt`],
      ['PUT', `${OWN}a.bin?partNumber=1&uploadId=u`],
      ['POST', `${OWN}a.bin?uploads`],
      ['POST', `${OWN}a.bin?uploads=`],
      ['POST', `${OWN}a.bin?uploadId=u`],
      ['DELETE', `${OWN}a.bin?uploadId=u`],
      ['GET', `${OWN}a.bin?uploadId=u&max-parts=1000`],
      ['HEAD', `${OWN}a.txt`],
      ['HEAD', `${OWN}a.txt?versionId=v`],
      [
        'GET',
        `/portico-drops?list-type=2&prefix=${encodeURIComponent(dropPrefix(PROJECT, KEY))}&delimiter=%2F`
      ],
      ['GET', `/portico-drops/?location`]
    ] as const)
      assert.equal(refused(method, url), null, `${method} ${url}`)
    assert.equal(refused('PUT', `${OWN}a.txt`, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }), null)
    assert.equal(refused('PUT', `${OWN}a.txt`, { 'x-amz-acl': 'private', 'x-amz-meta-mtime': '1' }), null)
  })

  test('lets nothing else pass', () => {
    for (const [method, url, status] of [
      ['GET', `${OWN}a.txt`, 403],
      ['GET', `${OWN}a.txt?versionId=v`, 403],
      ['DELETE', `${OWN}a.txt`, 403],
      ['DELETE', `${OWN}a.txt?versionId=v`, 403],
      ['POST', `${OWN}a.txt`, 403],
      ['POST', '/portico-drops?delete', 403],
      ['POST', '/portico-drops', 403],
      ['PUT', '/portico-drops', 403],
      ['PUT', '/portico-drops?policy', 403],
      ['HEAD', '/portico-drops', 403],
      ['GET', '/portico-drops', 403],
      ['GET', '/portico-drops?list-type=2', 403],
      ['GET', '/portico-drops?list-type=2&prefix=', 403],
      ['GET', `/portico-drops?list-type=2&prefix=${PROJECT}/`, 403],
      ['GET', `/portico-drops?versions&prefix=${dropPrefix(PROJECT, KEY)}`, 403],
      ['GET', `/portico-drops?uploads&prefix=${dropPrefix(PROJECT, KEY)}`, 403],
      ['PUT', `${OWN}a.txt?tagging`, 403],
      ['PUT', `${OWN}a.txt?acl`, 403],
      ['PUT', `${OWN}a.txt?retention`, 403],
      ['PUT', `${OWN}a.txt?X-Amz-Signature=1`, 403],
      ['PUT', `${OWN}a.txt?partNumber=1&partnumber=2&uploadId=u`, 400],
      ['PUT', `/portico-drops/${PROJECT}/a.txt`, 403],
      ['PUT', `/portico-drops/${PROJECT}/key-x/a.txt`, 403],
      ['PUT', `${OWN}../a.txt`, 400],
      ['PUT', `${OWN}%2e%2E/a.txt`, 400],
      ['PUT', `${OWN}a%2f..%2f..%2fb.txt`, 400],
      ['PUT', `${OWN}a%5cb.txt`, 400],
      ['PUT', `${OWN}a%00.txt`, 400],
      ['PUT', `${OWN}%zz.txt`, 400],
      ['PUT', `/portico-documents/${PROJECT}/${KEY}`, 404],
      ['GET', '/minio/admin/v3/info', 404],
      ['POST', '/?Action=AssumeRole&Version=2011-06-15', 404],
      ['POST', '/', 404]
    ] as const)
      assert.equal(refused(method, url), status, `${method} ${url}`)
  })

  test('wants a signature in the header, a session’s token, and both signed', () => {
    const { authorization } = SIGNED
    for (const headers of [
      { authorization: undefined },
      { authorization: 'AWS KEY:signature' },
      { authorization: 'Bearer head.claims.signature' },
      { authorization: authorization.replace('/s3/', '/sts/') },
      { authorization: authorization.replace(';x-amz-security-token', '') },
      { authorization: authorization.replace(';x-amz-content-sha256', '') },
      {
        authorization: authorization.replace('=host;', '=host;x-forwarded-for;'),
        'x-forwarded-for': '1.2.3.4'
      },
      { 'x-amz-security-token': undefined },
      { 'x-amz-security-token': '' }
    ])
      assert.equal(refused('PUT', `${OWN}a.txt`, headers), 403, JSON.stringify(headers))
  })

  test('lets no streaming payload pass and no header that does more than say what is sent', () => {
    for (const mode of [
      'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'streaming-unsigned-payload-trailer',
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'unsigned-payload',
      ''
    ])
      assert.equal(refused('PUT', `${OWN}a.txt`, { 'x-amz-content-sha256': mode }), 403, mode)
    for (const [name, value] of [
      ['content-encoding', 'gzip, aws-chunked'],
      ['x-amz-trailer', 'x-amz-checksum-crc32'],
      ['x-amz-decoded-content-length', '3'],
      ['x-amz-copy-source', '/portico-drops/a'],
      ['x-amz-acl', 'public-read'],
      ['x-amz-tagging', 'a=b'],
      ['x-amz-object-lock-mode', 'COMPLIANCE'],
      ['x-amz-server-side-encryption-customer-key', 'k'],
      ['x-amz-website-redirect-location', '/'],
      ['x-minio-source-mtime', '1']
    ] as const)
      assert.equal(refused('PUT', `${OWN}a.txt`, { [name]: value }), 403, name)
  })

  test('wants the length first and takes 5 GiB in one request', () => {
    assert.equal(refused('PUT', `${OWN}a.txt`, { 'content-length': undefined }), 411)
    assert.equal(refused('PUT', `${OWN}a.txt`, { 'content-length': String(5 * 1024 ** 3) }), null)
    assert.equal(refused('PUT', `${OWN}a.txt`, { 'content-length': String(5 * 1024 ** 3 + 1) }), 413)
    assert.equal(refused('POST', `${OWN}a.txt?uploadId=u`, { 'content-length': String(3 * 1024 ** 2) }), 413)
  })

  test('what travels on is what was signed, without a browser’s cookie and a proxy’s word', () => {
    const raw = ['Host', 'h', 'Authorization', 'a', 'X-Amz-Date', 'd', 'Cookie', 'c', 'X-Forwarded-For', 'f']
    assert.deepEqual(machineRequestHeaders(raw), ['Host', 'h', 'Authorization', 'a', 'X-Amz-Date', 'd'])
  })
})

describe('a drop', () => {
  test('is taken apart into project, key, folders and name', () => {
    const place = { project_id: PROJECT, folders: ['2026', 'Belege'], name: 'a.txt' }
    assert.deepEqual(placeOfDrop(`${dropPrefix(PROJECT, KEY)}2026/Belege/a.txt`), { ...place, key_id: KEY })
    assert.deepEqual(placeOfDrop(`${PROJECT}/2026/Belege/a.txt`), { ...place, key_id: null })
    assert.deepEqual(placeOfDrop(`${dropPrefix(PROJECT, KEY)}../a.txt`)?.folders, [])
    assert.equal(placeOfDrop(`${PROJECT}/key-${KEY}`)?.key_id, null, 'a file that is called so')
    assert.equal(placeOfDrop('elsewhere/a.txt'), null)
    assert.equal(keyOfDrop(`key-${KEY}x`), null)
  })

  test('counts by what its key was when the store wrote it', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 10, 29, 0, 0, second))
    const key = { scopes: ['upload'], project_id: null, expires_at: at(40), revoked_at: null }
    assert.equal(refuseSender(key, PROJECT, at(10)), null)
    assert.equal(refuseSender({ ...key, project_id: PROJECT }, PROJECT, at(10)), null)
    assert.equal(refuseSender(null, PROJECT, at(10)), 'key_unknown')
    assert.equal(refuseSender({ ...key, project_id: KEY }, PROJECT, at(10)), 'key_not_for_this')
    assert.equal(refuseSender({ ...key, scopes: ['read'] }, PROJECT, at(10)), 'key_not_for_this')
    const revoked = { ...key, revoked_at: at(20) }
    assert.deepEqual(
      [18, 19, 20, 21].map((second) => refuseSender(revoked, PROJECT, at(second))),
      [null, null, 'key_revoked', 'key_revoked']
    )
    assert.deepEqual(
      [38, 39, 40, 41].map((second) => refuseSender(key, PROJECT, at(second))),
      [null, null, 'key_expired', 'key_expired']
    )
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { attachment } from '../../functions/_shared/storage/disposition.ts'
import { openSigner } from '../../functions/_shared/storage/sign.ts'

const secret = {
  endpoint: 'http://127.0.0.1:9000',
  public_endpoint: 'https://portal.example',
  region: 'us-east-1',
  access_key_id: 'AKIDEXAMPLE',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
}

suite('a presigned URL', () => {
  test('is the one that the SDK itself would make', async () => {
    const signer = await openSigner(secret, secret.public_endpoint)
    const ours = new URL(
      await signer.put({ bucket: 'b', key: 'a b/ü+(1)', size: 5, once: true, seconds: 60 })
    )
    const client = new S3Client({
      region: secret.region,
      endpoint: secret.public_endpoint,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      credentials: { accessKeyId: secret.access_key_id, secretAccessKey: secret.secret_access_key }
    })
    const date = ours.searchParams.get('X-Amz-Date') ?? ''
    const theirs = new URL(
      await getSignedUrl(
        client,
        new PutObjectCommand({ Bucket: 'b', Key: 'a b/ü+(1)', ContentLength: 5, IfNoneMatch: '*' }),
        {
          expiresIn: 60,
          unhoistableHeaders: new Set(['content-length', 'if-none-match']),
          signingDate: new Date(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))
        }
      )
    )
    assert.equal(ours.host, 'portal.example')
    assert.equal(ours.pathname, theirs.pathname)
    for (const [name, value] of ours.searchParams)
      if (name !== 'X-Amz-Signature') assert.equal(value, theirs.searchParams.get(name), name)
    assert.equal(ours.searchParams.get('X-Amz-SignedHeaders'), 'content-length;host;if-none-match')
  })

  test('costs so little that five hundred are one moment', async () => {
    const signer = await openSigner(secret, secret.public_endpoint)
    const urls = await Promise.all(
      Array.from({ length: 500 }, (_, no) =>
        signer.put({ bucket: 'b', key: `k/${no}`, size: no, once: true })
      )
    )
    assert.equal(new Set(urls).size, 500)
  })
})

suite('the name of a download', () => {
  test('is plain for old readers and true for others', () => {
    assert.equal(attachment('a.pdf'), `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`)
    assert.equal(
      attachment('Müller "x" (1)%.pdf'),
      `attachment; filename="M_ller _x_ (1)_.pdf"; filename*=UTF-8''M%C3%BCller%20%22x%22%20%281%29%25.pdf`
    )
    assert.ok(!/[\r\n]/.test(attachment('a\r\nSet-Cookie: b')))
    assert.doesNotThrow(() => attachment('\ud800'))
  })
})

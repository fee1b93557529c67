/** A download is proved by what the store says that it sent, once, and only for the ticket's own version. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asCaller, file, seedPages, setDocumentsStage } from '../support/documents.ts'
import { call } from '../support/functions.ts'

const stage = await setDocumentsStage()
const intake = await stage.handler('intake')
const project = await stage.seedProject()
const anna = await stage.seedPerson({ staff_role: 'staff' })
await stage.seedGrant({ person_id: anna.id, node_id: project, level: 4 })
const as = asCaller(stage.documents, await stage.signIn(anna))
const [letter] = await as.upload(project, [file('letter.txt', 'x'.repeat(1_000))])
await seedPages(stage, letter?.id ?? '', 1)

/** A ticket and the store's version, from the address that /content leads to. */
async function download(): Promise<{ ticket: string; version: string }> {
  const answer = await as.send('GET', `/documents/${letter?.id}/content`)
  const query = new URL(answer.headers.get('location') ?? '').searchParams
  return { ticket: query.get('x-portico-ticket') ?? '', version: query.get('versionId') ?? '' }
}

const sent = (
  of: { ticket: string; version: string },
  range: string,
  length: number,
  token = 'intake-token-of-the-tests'
) =>
  call(intake, 'POST', '/access', {
    headers: { authorization: `Bearer ${token}` },
    body: {
      Records: [
        {
          eventName: 's3:ObjectAccessed:Get',
          requestParameters: { range },
          responseElements: { 'content-length': String(length) },
          s3: { object: { size: 1_000, versionId: of.version } },
          source: { userAgent: `portico-ticket/${of.ticket}` }
        }
      ]
    }
  })

const delivered = async (): Promise<number> =>
  Number(
    (await stage.owner.query(`select count(*) as n from audit where action = 'document.delivered'`)).rows[0].n
  )

test('two ranges that cover the object are one delivery, in either order and repeated', async () => {
  const mine = await download()
  assert.equal((await sent(mine, 'bytes=400-', 600)).status, 204)
  assert.equal(await delivered(), 0, 'the first 400 bytes are missing')
  await sent(mine, 'bytes=0-399', 400)
  await sent(mine, 'bytes=0-399', 400)
  assert.equal(await delivered(), 1)
})

test('ranges with a gap of one byte prove nothing', async () => {
  const before = await delivered()
  const mine = await download()
  await sent(mine, 'bytes=0-498', 499)
  await sent(mine, 'bytes=500-', 500)
  assert.equal(await delivered(), before)
})

test('an unknown ticket, another version and a wrong token add nothing', async () => {
  const before = await delivered()
  const mine = await download()
  await sent({ ...mine, ticket: '00000000-0000-7000-8000-000000000000' }, 'bytes=0-', 1_000)
  await sent({ ...mine, version: 'another' }, 'bytes=0-', 1_000)
  assert.equal((await sent(mine, 'bytes=0-', 1_000, 'wrong')).status, 401)
  assert.equal(await delivered(), before)
})

test('twenty events at the same time for one ticket are one delivery', async () => {
  const before = await delivered()
  const mine = await download()
  await Promise.all(Array.from({ length: 20 }, () => sent(mine, 'bytes=0-', 1_000)))
  assert.equal(await delivered(), before + 1)
})

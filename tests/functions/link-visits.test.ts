/** Visits of several links in one browser: each stands for itself, and each knows how it ended. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Project } from '../../functions/_shared/contract/document.ts'
import type { LinkWithVisits, MadeLink, Visit } from '../../functions/_shared/contract/link.ts'
import { asCaller, asVisitor, file, setDocumentsStage } from '../support/documents.ts'
import { call, problemCode } from '../support/functions.ts'

const stage = await setDocumentsStage()
await stage.seedFirm()
const sharing = await stage.handler('sharing')
const maker = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
const cookie = await stage.signIn(maker)
const jonas = asCaller(stage.documents, cookie)
const share = asCaller(sharing, cookie)
const project = await jonas.ok<Project>('POST', '/projects', { name: 'Annual accounts' })
const [paper] = await jonas.upload(project.id, [file('Paper.pdf', 'not really a PDF')])
assert.ok(paper)

const make = (recipient: string) => share.ok<MadeLink>('POST', '/links', { thing_ids: [paper.id], recipient })

/** A browser: what it was told to keep goes along with each request. */
function browser() {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    jar,
    async open(link: MadeLink): Promise<void> {
      const body = { secret: new URL(link.url).hash.slice(1), name: 'Berta Bank' }
      const answer = await call(sharing, 'POST', `/links/${link.id}/open`, { body, cookie: cookies() })
      assert.equal(answer.status, 204)
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/Max-Age=0/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
    },
    look: (link: MadeLink) => asVisitor(sharing, link.id, cookies()).send('GET', '/')
  }
}
const shownTo = async (answer: Response) => ((await answer.json()) as Visit).recipient

test('a second link that is opened in a browser leaves the first one’s visit as it was', async () => {
  const [one, two] = [await make('One'), await make('Two')]
  const bank = browser()
  await bank.open(one)
  await bank.open(two)
  assert.equal(await shownTo(await bank.look(one)), 'One')
  assert.equal(await shownTo(await bank.look(two)), 'Two')
  await share.ok('POST', `/links/${two.id}/revoke`)
  assert.equal(await problemCode(await bank.look(two)), 'link_revoked')
  assert.equal((await bank.look(one)).status, 200)
})

test('the cookie of one link opens no other', async () => {
  const [one, two] = [await make('One'), await make('Two')]
  const bank = browser()
  await bank.open(one)
  const [token = ''] = bank.jar.values()
  for (const name of bank.jar.keys()) {
    bank.jar.set(name.replace(one.id, two.id), token)
    bank.jar.delete(name)
  }
  assert.equal(await problemCode(await bank.look(two)), 'not_signed_in')
})

test('a visit that is over says so for a week, a browser that was never there is asked to open the link', async () => {
  const link = await make('Over')
  const bank = browser()
  await bank.open(link)
  await stage.owner.query('update visit set expires_at = now() where link_id = $1', [link.id])
  const answer = await bank.look(link)
  assert.deepEqual([answer.status, await problemCode(answer)], [401, 'visit_over'])
  assert.equal(await problemCode(await browser().look(link)), 'not_signed_in')
  await bank.open(link)
  assert.equal((await bank.look(link)).status, 200)
})

test('a browser that opens very many links keeps the newest sixteen', async () => {
  const bank = browser()
  const links: MadeLink[] = []
  for (let no = 0; no < 20; no += 1) {
    const link = await make(`Bank ${no}`)
    links.push(link)
    await bank.open(link)
    assert.ok(bank.jar.size <= 16, `${bank.jar.size} cookies`)
  }
  const answers = await Promise.all(links.map(async (link) => (await bank.look(link)).status))
  assert.deepEqual(answers, [...Array<number>(4).fill(401), ...Array<number>(16).fill(200)])
})

test('of fifty who open a link for one opening at once one succeeds, with one visit and one act', async () => {
  const wish = { thing_ids: [paper.id], recipient: 'Sparkasse', max_opens: 1 }
  const link = await share.ok<MadeLink>('POST', '/links', wish)
  const secret = new URL(link.url).hash.slice(1)
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      call(sharing, 'POST', `/links/${link.id}/open`, {
        body: { secret, name: `Visitor ${i}` },
        address: `192.0.2.${i + 1}`
      })
    )
  )
  assert.deepEqual(answers.map((one) => one.status).toSorted(), [204, ...Array<number>(49).fill(410)])
  const cookies = answers.filter((one) => one.headers.getSetCookie().length > 0)
  assert.equal(cookies.length, 1)
  const { opens, state, visits } = await share.ok<LinkWithVisits>('GET', `/links/${link.id}`)
  assert.deepEqual([opens, state, visits.length], [1, 'used_up', 1])
  const acts = await stage.owner.query(
    `select from audit where action = 'link.opened' and convert_from(body, 'UTF8') like '%' || $1 || '%'`,
    [link.id]
  )
  assert.equal(acts.rowCount, 1)
})

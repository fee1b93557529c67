/** Passwords chosen anew, browsers known again, and another address. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generate } from 'otplib'
import type { Device } from '../../functions/_shared/contract/person.ts'
import { call, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
const { seal, unseal } = await import('../../functions/_shared/auth/sealed.ts')
const { newTotpSecret } = await import('../../functions/_shared/auth/totp.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
const OTHER = 'sieben Schafe tanzen leise'
const hash = await hashPassword(PASSWORD)

let nextAddress = 0
const someAddress = () => `192.0.2.${(nextAddress = (nextAddress % 250) + 1)}`
const post = (path: string, body: unknown, cookie?: string, address = someAddress()) =>
  call(auth, 'POST', path, { body, address, ...(cookie && { cookie }) })

async function newPerson() {
  const person = await stage.seedPerson({ password_hash: hash })
  const secret = newTotpSecret()
  await stage.owner.query('update person set totp_secret = $2, totp_confirmed_at = now() where id = $1', [
    person.id,
    await seal(secret)
  ])
  return { ...person, secret }
}
type Somebody = Awaited<ReturnType<typeof newPerson>>

/** The cookies that a browser holds after an answer. */
const jarOf = (answer: Response, before = ''): string => {
  const jar = new Map(before.split('; ').map((pair) => [pair.split('=')[0] ?? '', pair]))
  for (const line of answer.headers.getSetCookie()) {
    const pair = line.split(';')[0] ?? ''
    jar.set(pair.split('=')[0] ?? '', pair)
  }
  jar.delete('')
  return [...jar.values()].join('; ')
}
const signIn = (person: { email: string }, password = PASSWORD, cookie?: string, address?: string) =>
  post('/sign-in', { email: person.email, password }, cookie, address)

/** In with both factors; the browser's cookies. */
async function enter(person: Somebody, cookie = '', step = 0): Promise<string> {
  const half = jarOf(await signIn(person, PASSWORD, cookie), cookie)
  const code = await generate({ secret: person.secret, epoch: Math.floor(Date.now() / 1000) + 30 * step })
  await stage.owner.query('update person set totp_last_step = null where id = $1', [person.id])
  const done = await post('/second-factor', { code }, half)
  assert.equal(done.status, 200)
  return jarOf(done, half)
}
const isIn = async (cookie: string) => (await call(auth, 'GET', '/sessions', { cookie })).status === 200

type Job = { template: string; link?: string; sealed?: string }
const mailsOf = async (id: string, template: string): Promise<Job[]> =>
  (
    await stage.owner.query<{ data: Job }>(
      `select data from job where kind = 'notify' and data->>'person_id' = $1 and data->>'template' = $2 order by id`,
      [id, template]
    )
  ).rows.map((row) => row.data)

/** Id and secret of the newest such mail's link, and to whom it goes where that is sealed beside. */
async function mailedLink(id: string, template: string) {
  const job = (await mailsOf(id, template)).at(-1)
  const text = (await unseal(job?.link ?? job?.sealed ?? '')).text
  const { url, to } = job?.sealed ? (JSON.parse(text) as { url: string; to: string }) : { url: text, to: '' }
  const { pathname, hash: fragment } = new URL(url)
  const [, page, link] = pathname.split('/')
  return { page, id: link ?? '', secret: fragment.slice(1), to }
}
const actsOf = async (id: string) =>
  (
    await stage.owner.query<{ action: string }>(
      'select action from audit where subject_id = $1 order by seq',
      [id]
    )
  ).rows.map((row) => row.action)

describe('changing the password', () => {
  test('wants the present one, ends every other session, and is told by mail', async () => {
    const person = await newPerson()
    const here = await enter(person)
    const elsewhere = await stage.signIn(person)
    const wrong = await post('/password', { current: 'not it at all', password: OTHER }, here)
    assert.equal(wrong.status, 422)
    assert.deepEqual(((await wrong.json()) as { errors: { field: string }[] }).errors[0]?.field, 'current')
    assert.equal((await post('/password', { current: PASSWORD, password: OTHER }, here)).status, 204)
    assert.ok(await isIn(here))
    assert.ok(!(await isIn(elsewhere)))
    assert.equal((await signIn(person)).status, 401)
    assert.equal((await signIn(person, OTHER)).status, 200)
    assert.equal((await mailsOf(person.id, 'password_changed')).length, 1)
    assert.ok((await actsOf(person.id)).includes('password.changed'))
  })

  test('without a second factor it has fifteen characters', async () => {
    const person = await stage.seedPerson({ password_hash: hash })
    const cookie = await stage.signIn(person)
    const short = await post('/password', { current: PASSWORD, password: 'x8!kFq2LmzP4' }, cookie)
    const { errors } = (await short.json()) as { errors: { code: string }[] }
    assert.equal(errors[0]?.code, 'too_short')
    assert.equal(
      (await post('/password', { current: PASSWORD, password: 'x8!kFq2LmzP4-wv' }, cookie)).status,
      204
    )
  })

  test('guesses at the present one are counted', async () => {
    const cookie = await stage.signIn(await newPerson())
    const answers: number[] = []
    for (let i = 0; i < 6; i += 1)
      answers.push((await post('/password', { current: `wrong ${i}`, password: OTHER }, cookie)).status)
    assert.deepEqual(answers, [422, 422, 422, 422, 422, 429])
  })
})

describe('a forgotten password', () => {
  test('is chosen anew by a link; the second factor stays, every session ends', async () => {
    const person = await newPerson()
    const before = await enter(person)
    assert.equal((await post('/reset', { email: person.email.toUpperCase() })).status, 202)
    const link = await mailedLink(person.id, 'reset')
    assert.equal(link.page, 'reset')
    const shown = await post(`/resets/${link.id}/open`, { secret: link.secret })
    assert.equal(((await shown.json()) as { email: string }).email, person.email)
    assert.ok(await isIn(before), 'opening changes nothing')
    const set = await post(`/resets/${link.id}`, { secret: link.secret, password: OTHER })
    assert.equal(set.status, 204)
    assert.equal(set.headers.getSetCookie().length, 0, 'nobody is in by it')
    assert.ok(!(await isIn(before)))
    assert.deepEqual(await (await signIn(person, OTHER)).json(), { next: 'second_factor' })
    assert.equal((await mailsOf(person.id, 'password_changed')).length, 1)
    assert.equal(
      await problemCode(await post(`/resets/${link.id}/open`, { secret: link.secret })),
      'link_used'
    )
  })

  test('is answered alike for an address that nobody has, and nothing is mailed there', async () => {
    const person = await newPerson()
    const answers = await Promise.all([
      post('/reset', { email: person.email }),
      post('/reset', { email: 'nobody@example.org' })
    ])
    assert.deepEqual(
      await Promise.all(answers.map(async (one) => [one.status, await one.text(), [...one.headers.keys()]])),
      [
        [202, '', ['cache-control', 'x-portico-route']],
        [202, '', ['cache-control', 'x-portico-route']]
      ]
    )
    const invited = await stage.seedPerson({ password_hash: null })
    assert.equal((await post('/reset', { email: invited.email })).status, 202)
    assert.equal((await mailsOf(invited.id, 'reset')).length, 0)
  })

  test('only the newest link is good, for half an hour', async () => {
    const person = await newPerson()
    await post('/reset', { email: person.email })
    const first = await mailedLink(person.id, 'reset')
    await post('/reset', { email: person.email })
    const second = await mailedLink(person.id, 'reset')
    const open = async (link: { id: string; secret: string }) =>
      problemCode(await post(`/resets/${link.id}/open`, { secret: link.secret }))
    assert.equal(await open(first), 'link_expired')
    const { rows } = await stage.owner.query(
      `select extract(epoch from expires_at - created_at)::int / 60 as minutes from one_time_link where id = $1`,
      [second.id]
    )
    assert.equal(rows[0].minutes, 30)
    assert.equal(await open({ ...second, secret: first.secret }), 'not_found')
  })

  test('of fifty tries at once with one link, one sets the password', async () => {
    const person = await newPerson()
    await post('/reset', { email: person.email })
    const link = await mailedLink(person.id, 'reset')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        post(`/resets/${link.id}`, { secret: link.secret, password: `${OTHER} ${i}` })
      )
    )
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [204, ...Array<number>(49).fill(410)]
    )
  })

  test('weak passwords use nothing up, and an account that was locked gets none', async () => {
    const person = await newPerson()
    await post('/reset', { email: person.email })
    const link = await mailedLink(person.id, 'reset')
    assert.equal(
      (await post(`/resets/${link.id}`, { secret: link.secret, password: 'password1' })).status,
      422
    )
    await stage.owner.query('update person set valid_until = now() where id = $1', [person.id])
    assert.equal((await post(`/resets/${link.id}`, { secret: link.secret, password: OTHER })).status, 404)
    await post('/reset', { email: person.email })
    assert.equal((await mailsOf(person.id, 'reset')).length, 1)
  })

  test('is asked for three times an hour for an account, whoever has it', async () => {
    for (const email of [(await newPerson()).email, 'nobody-at-all@example.org']) {
      const answers: number[] = []
      for (let i = 0; i < 4; i += 1) answers.push((await post('/reset', { email })).status)
      assert.deepEqual(answers, [202, 202, 202, 429])
    }
  })

  test('is for its owner still, in a browser of theirs, when strangers have asked too often', async () => {
    const person = await newPerson()
    const cookie = (await enter(person)).split('; ').find((pair) => pair.startsWith('portico-device=')) ?? ''
    const asks = async (with_cookie?: string) =>
      (await post('/reset', { email: person.email }, with_cookie)).status
    for (let i = 0; i < 3; i += 1) assert.equal(await asks(), 202)
    assert.equal(await asks(), 429)
    for (let i = 0; i < 3; i += 1) assert.equal(await asks(cookie), 202)
    assert.equal(await asks(cookie), 429)
  })
})

test('passwords tried everywhere at once are stopped for seconds, but nobody in a browser of theirs', async () => {
  const [person, other] = [await newPerson(), await newPerson()]
  const device = (await enter(person)).split('; ').find((pair) => pair.startsWith('portico-device=')) ?? ''
  const { limits } = await import('../../functions/auth/database.ts')
  await assert.rejects(
    Promise.all(Array.from({ length: 130 }, () => limits.spend([{ limit: 'sign_in_all', key: '' }])))
  )
  const refused = await signIn(other)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) <= 10)
  assert.equal((await signIn(person, PASSWORD, device)).status, 200)
  await stage.owner.query(`delete from rate_limit where key like 'sign_in_all:%'`)
})

describe('browsers', () => {
  test('the first one is nothing new, a second one is told by mail, a known one is not', async () => {
    const person = await newPerson()
    const first = await enter(person)
    assert.match(first, /portico-device=[\w-]{43}/)
    assert.equal((await mailsOf(person.id, 'new_device')).length, 0)
    await enter(person)
    assert.equal((await mailsOf(person.id, 'new_device')).length, 1)
    const device = first.split('; ').find((pair) => pair.startsWith('portico-device=')) ?? ''
    const again = await enter(person, device)
    assert.equal((await mailsOf(person.id, 'new_device')).length, 1)
    assert.ok(again.includes(device), 'it stays the same browser')
  })

  test('a cookie that nobody got in with is replaced: who planted it would know it', async () => {
    const planted = `portico-device=${'A'.repeat(43)}`
    assert.ok(!(await enter(await newPerson(), planted)).includes(planted))
  })

  test('sessions say where and with what, and all others end at once', async () => {
    const person = await newPerson()
    const here = await enter(person)
    await stage.signIn(person)
    const list = async () =>
      ((await (await call(auth, 'GET', '/sessions', { cookie: here })).json()) as { items: Device[] }).items
    const before = await list()
    assert.equal(before.length, 2)
    assert.match(before.find((one) => one.current)?.place ?? '', /^192\.0\.2\.x$/)
    assert.equal((await call(auth, 'DELETE', '/sessions', { cookie: here })).status, 204)
    assert.deepEqual(
      (await list()).map((one) => one.current),
      [true]
    )
  })

  test('strangers with many addresses do not keep the owner out of a browser that was here before', async () => {
    const person = await newPerson()
    const own = await enter(person)
    for (let i = 0; i < 11; i += 1)
      await Promise.all(
        Array.from({ length: 10 }, (_, n) => signIn(person, 'wrong', undefined, `203.0.113.${i * 10 + n}`))
      )
    assert.equal((await signIn(person)).status, 429, 'strangers have used up what strangers have')
    assert.equal((await signIn(person, PASSWORD, own)).status, 200)
    for (let i = 0; i < 10; i += 1) await signIn(person, 'wrong', own)
    assert.equal((await signIn(person, PASSWORD, own)).status, 429, 'and that browser has an end of its own')
  })
})

describe('another address', () => {
  /** Asked for, and the link that was mailed to the new one. */
  async function asked() {
    const person = await newPerson()
    const cookie = await stage.signIn(person)
    const email = `Neu-${person.email}`
    assert.equal((await post('/email', { email }, cookie)).status, 202)
    return { person, cookie, email, link: await mailedLink(person.id, 'email') }
  }
  const confirm = (link: { id: string; secret: string }, cookie: string) =>
    post(`/emails/${link.id}`, { secret: link.secret }, cookie)

  test('is taken when the session that asked confirms it, and the old one can take it back', async () => {
    const { person, cookie, email, link } = await asked()
    assert.equal(link.to, email)
    assert.equal((await signIn({ email })).status, 401, 'nothing changes before')
    assert.equal((await confirm(link, cookie)).status, 200)
    assert.equal((await signIn({ email })).status, 200)
    assert.equal((await signIn(person)).status, 401)
    const back = await mailedLink(person.id, 'email_changed')
    assert.equal(back.to, person.email)
    assert.equal((await post(`/emails/${back.id}/undo`, { secret: back.secret })).status, 204)
    assert.equal((await signIn(person)).status, 200)
    assert.ok(!(await isIn(cookie)), 'whoever changed it is out')
    assert.equal(
      await problemCode(await post(`/emails/${back.id}/undo`, { secret: back.secret })),
      'link_used'
    )
  })

  test("another person's session, another session of the same person, and none take nothing over", async () => {
    const { person, cookie, link } = await asked()
    const stranger = await stage.signIn(await newPerson())
    assert.equal((await confirm(link, stranger)).status, 404)
    const other = await stage.signIn(person)
    assert.equal(await problemCode(await confirm(link, other)), 'other_session')
    assert.equal((await post(`/emails/${link.id}`, { secret: link.secret })).status, 401)
    await call(auth, 'DELETE', '/sessions', { cookie: other })
    assert.equal((await confirm(link, other)).status, 404, 'the change went with its session')
    assert.ok(!(await isIn(cookie)))
  })

  test('an address that somebody has is not told when asked for, and refused when confirmed', async () => {
    const taken = await newPerson()
    const person = await newPerson()
    const cookie = await stage.signIn(person)
    assert.equal((await post('/email', { email: taken.email }, cookie)).status, 202)
    assert.equal(
      await problemCode(await confirm(await mailedLink(person.id, 'email'), cookie)),
      'email_taken'
    )
  })

  test('an address changed twice goes back to the first', async () => {
    const { person, cookie, link } = await asked()
    await confirm(link, cookie)
    const back = await mailedLink(person.id, 'email_changed')
    await post('/email', { email: `third-${person.email}` }, cookie)
    await confirm(await mailedLink(person.id, 'email'), cookie)
    const later = await mailedLink(person.id, 'email_changed')
    assert.equal((await post(`/emails/${back.id}/undo`, { secret: back.secret })).status, 204)
    assert.equal((await signIn(person)).status, 200)
    assert.equal((await post(`/emails/${later.id}/undo`, { secret: later.secret })).status, 410)
  })

  test('of fifty confirmations at once, one takes it', async () => {
    const { cookie, link } = await asked()
    const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(link, cookie)))
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [200, ...Array<number>(49).fill(410)]
    )
  })
})

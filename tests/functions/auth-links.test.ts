import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { call, cookieOf, problemCode, setStage } from '../support/functions.ts'

const stage = await setStage()
const auth = await stage.handler('auth')
const { newLinkSecret } = await import('../../functions/_shared/auth/link.ts')

const PASSWORD = 'ein Pferd frisst Gurkensalat'
let nextAddress = 0
const someAddress = () => `192.0.2.${(nextAddress += 1)}`
const post = (path: string, body: unknown, address = someAddress()) =>
  call(auth, 'POST', path, { body, address })

/** A link as the start or an invitation makes it. */
async function seedLink(purpose: 'setup' | 'invitation', personId: string | null, lasts = '7 days') {
  const { secret, hash } = newLinkSecret()
  const { rows } = await stage.owner.query<{ id: string }>(
    `insert into one_time_link (secret_hash, purpose, person_id, expires_at)
     values ($1, $2, $3, now() + $4::interval) returning id`,
    [hash, purpose, personId, lasts]
  )
  return { id: rows[0]?.id ?? '', secret }
}

const firmOf = (secret: string, n = 0) => ({
  secret,
  firm_name: 'Lindqvist & Partner',
  name: 'Ingrid Lindqvist',
  email: `ingrid${n}@lindqvist.example`,
  password: PASSWORD,
  locale: 'de',
  time_zone: 'Europe/Stockholm'
})

describe('setting up the firm', () => {
  test('a wrong secret is the same as no link', async () => {
    const link = await seedLink('setup', null)
    const other = newLinkSecret().secret
    const wrong = await post(`/setup/${link.id}/open`, { secret: other })
    const missing = await post(`/setup/${crypto.randomUUID()}/open`, { secret: other })
    assert.equal(wrong.status, 404)
    assert.equal(missing.status, 404)
    assert.equal((await post(`/setup/${link.id}/open`, { secret: link.secret })).status, 204)
    assert.equal((await post(`/setup/${link.id}`, firmOf(other))).status, 404)
    // An invitation is no set-up, whatever its secret.
    assert.equal((await post(`/invitations/${link.id}/open`, { secret: link.secret })).status, 404)
  })

  test('a link that has expired says so', async () => {
    const link = await seedLink('setup', null, '-1 second')
    assert.equal(await problemCode(await post(`/setup/${link.id}`, firmOf(link.secret))), 'link_expired')
  })

  test('common passwords and unknown time zones are refused by field, and use nothing up', async () => {
    const link = await seedLink('setup', null)
    for (const [change, field, code] of [
      [{ password: 'password123' }, 'password', 'too_weak'],
      [{ password: 'Lindqvist2026' }, 'password', 'too_weak'],
      [{ password: 'kurz' }, 'password', 'too_small'],
      [{ time_zone: 'Mars/Olympus' }, 'time_zone', 'unknown'],
      [{ email: 'no address' }, 'email', 'invalid_format']
    ] as const) {
      const answer = await post(`/setup/${link.id}`, { ...firmOf(link.secret), ...change })
      assert.equal(answer.status, 422)
      const { errors } = (await answer.json()) as { errors: { field: string; code: string }[] }
      assert.deepEqual([errors[0]?.field, errors[0]?.code], [field, code])
    }
    assert.equal((await post(`/setup/${link.id}/open`, { secret: link.secret })).status, 204)
  })

  test('of fifty tries at once, with two links, one makes the firm', async () => {
    const links = [await seedLink('setup', null), await seedLink('setup', null)]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const link = links[i % 2] ?? { id: '', secret: '' }
        return post(`/setup/${link.id}`, firmOf(link.secret, i))
      })
    )
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [200, ...Array<number>(49).fill(410)]
    )
    const counts = await stage.owner.query(
      `select (select count(*) from firm)::int as firms, (select count(*) from person)::int as people,
              (select count(*) from node)::int as nodes`
    )
    assert.deepEqual(counts.rows[0], { firms: 1, people: 1, nodes: 1 })
    const first = answers.find((answer) => answer.status === 200)
    assert.deepEqual(await first?.json(), { next: 'set_up_second_factor' })
    const session = await call(auth, 'GET', '/session', { cookie: (first && cookieOf(first)) ?? '' })
    const info = (await session.json()) as { person: { staff_role: string }; firm: { name: string } }
    assert.equal(info.person.staff_role, 'administrator')
    assert.equal(info.firm.name, 'Lindqvist & Partner')
    for (const link of links)
      assert.equal(await problemCode(await post(`/setup/${link.id}`, firmOf(link.secret))), 'link_used')
  })
})

describe('accepting an invitation', () => {
  const invited = async (lasts?: string) => {
    const person = await stage.seedPerson({ password_hash: null })
    return { person, link: await seedLink('invitation', person.id, lasts) }
  }
  const accept = (link: { id: string; secret: string }, change: object = {}) =>
    post(`/invitations/${link.id}/accept`, {
      secret: link.secret,
      name: 'Petra Bergmann',
      password: PASSWORD,
      locale: 'de',
      ...change
    })

  test('opening shows whom it is for and changes nothing', async () => {
    const { person, link } = await invited()
    for (let i = 0; i < 2; i += 1) {
      const shown = (await (await post(`/invitations/${link.id}/open`, { secret: link.secret })).json()) as {
        email: string
        firm: string
      }
      assert.equal(shown.email, person.email)
      assert.ok(shown.firm)
    }
    assert.equal((await accept(link)).status, 200)
  })

  test('used, expired, wrong secret, of somebody deactivated: each a clear no', async () => {
    const used = await invited()
    assert.equal((await accept(used.link)).status, 200)
    assert.equal(await problemCode(await accept(used.link)), 'link_used')
    assert.equal(
      await problemCode(await post(`/invitations/${used.link.id}/open`, { secret: used.link.secret })),
      'link_used'
    )
    const late = await invited('-1 second')
    assert.equal(await problemCode(await accept(late.link)), 'link_expired')
    const wrong = await invited()
    assert.equal((await accept({ ...wrong.link, secret: newLinkSecret().secret })).status, 404)
    const gone = await invited()
    await stage.owner.query('update person set valid_until = now() where id = $1', [gone.person.id])
    assert.equal(await problemCode(await accept(gone.link)), 'link_used')
    const by_provider = await invited()
    await stage.owner.query('update person set joined_at = now() where id = $1', [by_provider.person.id])
    assert.equal(await problemCode(await accept(by_provider.link)), 'link_used')
  })

  test('of fifty tries at once one gets in', async () => {
    const { link } = await invited()
    const answers = await Promise.all(Array.from({ length: 50 }, () => accept(link)))
    assert.deepEqual(
      answers.map((answer) => answer.status).toSorted((a, b) => a - b),
      [200, ...Array<number>(49).fill(410)]
    )
  })

  test('of fifty uses of one link at once one counts, and an expired one none', async () => {
    const { useLink } = await import('../../functions/auth/link.ts')
    const pool = stage.database.pool('portico_app', 16)
    const use = async (link: { id: string; secret: string }) => {
      const session = await pool.connect()
      const used = await useLink(session, { purpose: 'invitation', ...link }).then(
        () => true,
        () => false
      )
      session.release()
      return used
    }
    const { link } = await invited()
    const uses = await Promise.all(Array.from({ length: 50 }, () => use(link)))
    assert.equal(uses.filter(Boolean).length, 1)
    assert.equal(await use((await invited('-1 second')).link), false)
  })

  test('one is in: the other invitations are used up, and none of them resets the password', async () => {
    const { person, link } = await invited()
    const second = await seedLink('invitation', person.id)
    assert.equal((await accept(link)).status, 200)
    assert.equal(await problemCode(await accept(second)), 'link_used')
    const later = await seedLink('invitation', person.id)
    assert.equal(await problemCode(await accept(later, { password: 'another quite long one' })), 'link_used')
    const signIn = await post('/sign-in', { email: person.email, password: PASSWORD })
    assert.equal(signIn.status, 200)
  })

  test('with a password that could stand alone the days begin, and what is signed in is in', async () => {
    const { link } = await invited()
    const answer = await accept(link)
    assert.deepEqual(await answer.json(), { next: 'done' })
    const change = { cookie: cookieOf(answer) ?? '', body: { locale: 'sv' } }
    assert.equal((await call(auth, 'PATCH', '/session', change)).status, 200)
  })

  test('what comes next after a shorter one is the second factor, and nothing else works before', async () => {
    const { link } = await invited()
    const answer = await accept(link, { password: 'Xy7-qRt2vB' })
    assert.deepEqual(await answer.json(), { next: 'set_up_second_factor' })
    const cookie = cookieOf(answer) ?? ''
    assert.equal(
      await problemCode(await call(auth, 'PATCH', '/session', { cookie, body: { locale: 'sv' } })),
      'second_factor_owed'
    )
  })

  test('guessing at links from one address comes to an end', async () => {
    const address = someAddress()
    const body = { secret: newLinkSecret().secret }
    const statuses: number[] = []
    for (let i = 0; i < 61; i += 1)
      statuses.push((await post(`/invitations/${crypto.randomUUID()}/open`, body, address)).status)
    assert.equal(statuses.at(-1), 429)
    assert.equal(statuses.at(-2), 404)
  })
})

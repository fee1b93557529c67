/** A firm whose staff sign in at a real provider, which the test starts: its setting, people at both, the way there and back. */
import assert from 'node:assert/strict'
import { after, beforeEach } from 'node:test'
import { call, cookieOf, problemCode, setStage } from './functions.ts'
import { type Account, CLIENT, startProvider } from './oidc-provider.ts'

export const PASSWORD = 'ein Pferd frisst Gurkensalat'

const settingOf = (issuer: string) => ({
  enabled: true,
  name: 'Kanzlei-Konto',
  issuer,
  client_id: CLIENT.client_id,
  client_secret: CLIENT.client_secret as string | undefined,
  scopes: '',
  role_claim: 'roles',
  roles: {
    administrator: ['portico-admin'],
    staff: ['portico-staff', 'anwalt'],
    assistant: ['portico-assistant'],
    auditor: ['portico-auditor']
  },
  factors: 'always',
  factor_values: [] as string[],
  trusts_email: false,
  creates_accounts: false,
  passwords_off: false
})
export type Setting = ReturnType<typeof settingOf>

/** Call it once, at the top of the test file. Before each test the setting is as `SETTING` says. */
export async function setOidcStage() {
  const provider = await startProvider(['http://localhost:8480/sign-in/provider/back'])
  after(() => provider.stop())
  const stage = await setStage({ env: { OUTGOING_ALLOW: '127.0.0.1' } })
  const auth = await stage.handler('auth')
  const admin = await stage.handler('admin')
  const { hashPassword } = await import('../../functions/_shared/auth/password.ts')
  const hash = await hashPassword(PASSWORD)
  const SETTING = settingOf(provider.issuer)

  let nextAddress = 0
  const address = () => `192.0.2.${(nextAddress += 1) % 250}`
  const post = (path: string, cookie: string, body: unknown) =>
    call(auth, 'POST', path, { body, cookie, address: address() })

  const boss = await stage.seedPerson({ staff_role: 'administrator', password_hash: hash })
  const bossCookie = await stage.signIn(boss)
  const save = (more: Partial<Setting> = {}, cookie = bossCookie) =>
    call(admin, 'PATCH', '/identity-provider', { cookie, body: { ...SETTING, ...more } })

  beforeEach(async () => {
    provider.faults.clear()
    provider.twist = null
    assert.equal((await save()).status, 200)
  })

  let nextSubject = 0
  /** Somebody at the provider, who signs in next. */
  function knownThere(account: Account, login: { acr?: string; amr?: string[] } = {}): string {
    const subject = `sub-${(nextSubject += 1)}`
    provider.accounts.set(subject, { email_verified: true, name: 'Dr. Anna Fink', ...account })
    provider.login = { account: subject, ...login }
    return subject
  }

  /** Staff here, and the same address with a role there. */
  async function staffAtBoth(
    roles = ['portico-staff'],
    wish: { staff_role?: 'staff' | 'administrator' } = {}
  ) {
    const person = await stage.seedPerson({ staff_role: 'staff', password_hash: hash, ...wish })
    return { person, subject: knownThere({ email: person.email, roles }) }
  }

  async function begin(cookie = '', body: object = {}) {
    const answer = await post('/provider/begin', cookie, body)
    assert.equal(answer.status, 200, await answer.clone().text())
    const { location } = (await answer.json()) as { location: string }
    return { location, cookie: [cookie, cookieOf(answer) ?? ''].filter(Boolean).join('; ') }
  }
  const end = (cookie: string, query: string) => post('/provider/end', cookie, { query })

  /** To the provider and back. */
  async function signIn(body: object = {}) {
    const { location, cookie } = await begin('', body)
    const query = await provider.visit(location)
    return { answer: await end(cookie, query), query, cookie, location }
  }
  const codeOf = async () => problemCode((await signIn()).answer)

  const sessionOf = async (cookie: string) =>
    (await (await call(auth, 'GET', '/session', { cookie })).json()) as {
      person: { id: string; email: string; staff_role: string; name: string; locale: string }
      next: string
      proofs: string[]
      proof_due: boolean
    }
  const personRow = async (id: string) =>
    (
      await stage.owner.query<{ staff_role: string; active: boolean }>(
        'select staff_role, valid_until > now() as active from person where id = $1',
        [id]
      )
    ).rows[0]
  const lastAct = async (action: string) =>
    (
      await stage.owner.query<{ body: string }>(
        `select convert_from(body, 'UTF8') as body from audit where action = $1 order by seq desc limit 1`,
        [action]
      )
    ).rows[0]?.body ?? ''
  const count = async (sql: string) =>
    Number((await stage.owner.query<{ count: string }>(sql)).rows[0]?.count)

  /** An administrator who came in by the provider. */
  async function bossByProvider() {
    const { person, subject } = await staffAtBoth(['portico-admin'], { staff_role: 'administrator' })
    return { person, subject, cookie: cookieOf((await signIn()).answer) ?? '' }
  }

  return {
    SETTING,
    provider,
    stage,
    auth,
    admin,
    boss,
    bossCookie,
    hash,
    address,
    post,
    save,
    knownThere,
    staffAtBoth,
    begin,
    end,
    signIn,
    codeOf,
    sessionOf,
    personRow,
    lastAct,
    count,
    bossByProvider
  }
}

/**
 * A real OpenID provider (npm oidc-provider) on loopback, and a browser that signs in at it. What tests twist lies outside
 * of it: what it sends is changed on its way, or signed anew with its own key.
 */
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from 'jose'
import type { CryptoKey, JWK, JWTPayload } from 'jose'
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Configuration, Provider } from 'oidc-provider'

export type Account = { email?: string; email_verified?: boolean; name?: string; roles?: string[] }
type Login = { account: string; acr?: string; amr?: string[] }
type Fault = 'down' | 'slow' | 'huge' | 500 | { json: object }
/** Of the token endpoint's answer, on its way. */
type Twist = (claims: JWTPayload, sign: (claims: JWTPayload) => Promise<string>) => Promise<string> | string

export const CLIENT = { client_id: 'portico', client_secret: 'a-secret-of-the-tests-with-~-and-%-in-it' }

export type TestProvider = Awaited<ReturnType<typeof startProvider>>

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return {
    key: privateKey,
    jwk: { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' }
  }
}

/**
 * @param redirect_uris where it may send people to
 * @param page shows a form to sign in with, in place of doing it at once
 */
export async function startProvider(redirect_uris: string[], page = false) {
  const accounts = new Map<string, Account>()
  const faults = new Map<string, Fault>()
  const asked: string[] = []
  let login: Login = { account: '' }
  let twist: Twist | null = null
  let held = await newKey()

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let provider = make()

  function make(): Provider {
    const made = new Provider(issuer, configuration(redirect_uris, accounts, held.jwk))
    made.use(async (ctx, next) => {
      await next()
      const body: unknown = ctx.body
      if (ctx.path !== '/token' || !twist || !body || typeof body !== 'object' || !('id_token' in body))
        return
      const { key, jwk } = held
      ctx.body = {
        ...body,
        id_token: await twist(decodeJwt(String(body.id_token)), (claims) => sign(claims, key, jwk))
      }
    })
    return made
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', issuer)
    asked.push(pathname)
    const fault = faults.get(pathname)
    if (fault === 'down') return void request.socket.destroy()
    if (fault === 'slow') return
    if (fault === 500) return void response.writeHead(500).end('away')
    if (fault === 'huge') {
      response.setHeader('content-type', 'application/json')
      return void response.end(JSON.stringify({ much: 'x'.repeat(3_000_000) }))
    }
    if (typeof fault === 'object') {
      response.setHeader('content-type', 'application/json')
      return void response.end(JSON.stringify(fault.json))
    }
    if (pathname.startsWith('/interaction/')) return interact(request, response)
    await provider.callback()(request, response)
  }

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login' && page && request.method === 'GET') return void response.end(FORM)
    const { account, acr, amr } = login
    const result =
      prompt.name === 'login'
        ? { login: { accountId: account, ...(acr && { acr }), ...(amr && { amr }) } }
        : {
            consent: {
              grantId: await consent(
                session?.accountId ?? '',
                String(params.client_id),
                grantId,
                prompt.details
              )
            }
          }
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: prompt.name !== 'login'
    })
  }

  async function consent(accountId: string, clientId: string, grantId: string | undefined, details: object) {
    const found = grantId ? await provider.Grant.find(grantId) : undefined
    const grant = found ?? new provider.Grant({ accountId, clientId })
    grant.addOIDCScope('openid profile email')
    if ('missingOIDCClaims' in details && Array.isArray(details.missingOIDCClaims))
      grant.addOIDCClaims(details.missingOIDCClaims)
    return grant.save()
  }

  return {
    issuer,
    /** By subject. */
    accounts,
    /** By path, until they are taken out. */
    faults,
    /** Paths that were asked for, in order. */
    asked,
    /** Who signs in next. */
    set login(wish: Login) {
      login = wish
    },
    set twist(wish: Twist | null) {
      twist = wish
    },
    /** New keys; the old ones are gone. */
    rotate: async () => {
      held = await newKey()
      provider = make()
    },
    visit: (location: string, jar = new Map<string, string>()) => visit(location, redirect_uris, jar),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
  }
}

const FORM = `<!doctype html><html lang="de"><title>Anmeldedienst</title><h1>Anmeldedienst der Kanzlei</h1>
<form method="post"><button>Anmelden</button></form></html>`

const sign = (claims: JWTPayload, key: CryptoKey, jwk: JWK): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: jwk.kid ?? '' }).sign(key)

const configuration = (redirect_uris: string[], accounts: Map<string, Account>, jwk: JWK): Configuration => ({
  clients: [{ ...CLIENT, redirect_uris }],
  jwks: { keys: [jwk] },
  cookies: { keys: ['a key of the tests'] },
  claims: {
    openid: ['sub', 'acr', 'amr', 'auth_time'],
    email: ['email', 'email_verified'],
    profile: ['name', 'roles']
  },
  acrValues: ['mfa'],
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, ...accounts.get(sub) })
  }),
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true }
})

/** Goes where a browser would, with cookies, until the provider sends it back; the address's query. */
async function visit(location: string, ends: string[], jar: Map<string, string>): Promise<string> {
  let at = location
  for (let i = 0; i < 12; i += 1) {
    if (ends.some((end) => at.startsWith(`${end}?`))) return new URL(at).search.slice(1)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const next = answer.headers.get('location')
    if (!next) throw new Error(`the provider stays at ${at}: ${answer.status} ${await answer.text()}`)
    at = new URL(next, at).href
  }
  throw new Error('the provider sends in circles')
}

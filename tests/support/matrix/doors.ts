/** Every door, and what concerns oneself. */
import { randomUUID } from 'node:crypto'
import { type Rule, NO_CREDENTIAL, NO_PASSKEY, newPasskey, row, self, wrongSecret } from './asks.ts'

export const DOORS: Record<string, Rule> = {
  'DELETE /auth/sessions/{id}': {
    for: 'owner',
    ask: async (at) => ({
      path: `/auth/sessions/${await row(
        at,
        `insert into session (person_id, token_hash, factors, expires_at)
         values ($1, sha256($2::text::bytea), 2, now() + interval '1 day') returning id`,
        [at.owner, randomUUID()]
      )}`
    })
  },
  'GET /auth/first-steps': { for: 'signed in', ask: self('/auth/first-steps') },
  'PATCH /auth/first-steps': { for: 'signed in', ask: self('/auth/first-steps', { again: true }) },
  'GET /auth/notice-settings': { for: 'signed in', ask: self('/auth/notice-settings') },
  'PATCH /auth/notice-settings': { for: 'signed in', ask: self('/auth/notice-settings', { pace: 'daily' }) },
  'GET /auth/notices': { for: 'signed in', ask: self('/auth/notices') },
  'POST /auth/notices/read': { for: 'signed in', ask: self('/auth/notices/read', {}) },
  'GET /auth/notices/unread': { for: 'signed in', ask: self('/auth/notices/unread') },
  'GET /auth/sessions': { for: 'signed in', ask: self('/auth/sessions') },
  'GET /auth/session': { for: 'signed in', half: true, ask: self('/auth/session') },
  'PATCH /auth/session': { for: 'signed in', ask: self('/auth/session', { locale: 'en' }) },
  'POST /auth/seeing': {
    for: 'roles',
    roles: [],
    ask: async (at) => ({ path: '/auth/seeing', body: { person_id: (await at.stage.seedPerson()).id } })
  },
  'DELETE /auth/seeing': { for: 'signed in', half: true, ask: self('/auth/seeing') },
  'GET /auth/second-factors': { for: 'signed in', ask: self('/auth/second-factors') },
  'DELETE /auth/second-factors/app': {
    for: 'signed in',
    ask: self('/auth/second-factors/app', undefined, [404, 409])
  },
  'POST /auth/recovery-codes': { for: 'signed in', ask: self('/auth/recovery-codes', undefined, [409]) },
  'POST /auth/passkeys/options': {
    for: 'signed in',
    half: true,
    ask: self('/auth/passkeys/options', undefined, [409])
  },
  'POST /auth/passkeys': {
    for: 'signed in',
    half: true,
    ask: self('/auth/passkeys', { name: 'Phone', credential: NO_CREDENTIAL }, NO_PASSKEY)
  },
  'PATCH /auth/passkeys/{id}': {
    for: 'owner',
    ask: async (at) => ({ path: `/auth/passkeys/${await newPasskey(at)}`, body: { name: 'Key' } })
  },
  'DELETE /auth/passkeys/{id}': {
    for: 'owner',
    ask: async (at) => ({ path: `/auth/passkeys/${await newPasskey(at)}`, business: [409] })
  },
  'POST /auth/passkeys/sign-in/options': {
    for: 'everybody',
    ask: self('/auth/passkeys/sign-in/options'),
    refuses: [200, 429]
  },
  'POST /auth/passkeys/sign-in': {
    for: 'everybody',
    ask: self('/auth/passkeys/sign-in', { credential: NO_CREDENTIAL }),
    refuses: NO_PASSKEY
  },
  'POST /auth/second-factor/passkey/options': {
    for: 'half',
    ask: self('/auth/second-factor/passkey/options')
  },
  'POST /auth/second-factor/passkey': {
    for: 'half',
    ask: self('/auth/second-factor/passkey', { credential: NO_CREDENTIAL })
  },
  'POST /auth/second-factor/recovery': {
    for: 'half',
    ask: self('/auth/second-factor/recovery', { code: 'A'.repeat(24) })
  },
  'GET /auth/second-factor/offers': {
    for: 'signed in',
    half: true,
    ask: self('/auth/second-factor/offers', undefined, [409])
  },
  'POST /auth/codes': {
    for: 'signed in',
    half: true,
    ask: self('/auth/codes', { kind: 'email', purpose: 'set_up' }, [403, 409])
  },
  'POST /auth/second-factor/code': {
    for: 'half',
    ask: self('/auth/second-factor/code', { code: 'AAAA-AAAA' })
  },
  'POST /auth/second-factors/sent': {
    for: 'signed in',
    half: true,
    ask: self('/auth/second-factors/sent', { code: 'AAAA-AAAA' }, NO_PASSKEY)
  },
  'DELETE /auth/second-factors/sent/{kind}': {
    for: 'signed in',
    ask: self('/auth/second-factors/sent/email', undefined, [404, 409])
  },
  'POST /auth/second-factor': { for: 'half', ask: self('/auth/second-factor', { code: '000000' }) },
  // Also beside a passkey, by somebody who is in.
  'POST /auth/second-factor/confirm': {
    for: 'signed in',
    half: true,
    ask: self('/auth/second-factor/confirm', { code: '000000' }, NO_PASSKEY)
  },
  'POST /auth/second-factor/set-up': {
    for: 'signed in',
    half: true,
    ask: self('/auth/second-factor/set-up', undefined, [409])
  },
  'DELETE /auth/sessions': { for: 'signed in', ask: self('/auth/sessions') },
  'POST /auth/password': {
    for: 'signed in',
    ask: self(
      '/auth/password',
      { current: 'wrong wrong wrong', password: 'winter harbour 27 lanterns' },
      [401, 403, 422, 429]
    )
  },
  'POST /auth/prove/options': { for: 'signed in', ask: self('/auth/prove/options', undefined, [409]) },
  'POST /auth/prove': {
    for: 'signed in',
    ask: self('/auth/prove', { code: '000000' }, [401, 403, 422, 429])
  },
  'POST /auth/email': {
    for: 'signed in',
    ask: async () => ({
      path: '/auth/email',
      body: { email: `${randomUUID()}@example.org` },
      business: [429]
    })
  },
  'POST /auth/emails/{id}': {
    for: 'signed in',
    ask: async (at) => ({ ...(await wrongSecret('/auth/emails', '')(at)), business: [404, 410, 422] })
  },
  'GET /auth/firm': { for: 'everybody', ask: self('/auth/firm') },
  'GET /auth/firm/legal': { for: 'everybody', ask: self('/auth/firm/legal') },
  'POST /auth/sign-out': { for: 'everybody', ends: true, ask: self('/auth/sign-out') },
  'POST /auth/sign-in': {
    for: 'everybody',
    ask: self('/auth/sign-in', { email: 'nobody@example.org', password: 'wrong wrong wrong' }),
    refuses: [401, 429]
  },
  'POST /auth/provider/begin': {
    for: 'everybody',
    ask: self('/auth/provider/begin', {}),
    refuses: [404, 429]
  },
  'POST /auth/provider/end': {
    for: 'everybody',
    ask: self('/auth/provider/end', { query: 'code=wrong&state=wrong' }),
    refuses: [404, 410, 429]
  },
  'POST /auth/reset': {
    for: 'everybody',
    ask: async () => ({ path: '/auth/reset', body: { email: `${randomUUID()}@example.org` } })
  },
  'POST /auth/resets/{id}/open': {
    for: 'everybody',
    ask: wrongSecret('/auth/resets', '/open'),
    refuses: [404, 410, 422]
  },
  'POST /auth/resets/{id}': {
    for: 'everybody',
    ask: wrongSecret('/auth/resets', '', { password: 'winter harbour 27 lanterns' }),
    refuses: [404, 410, 422]
  },
  'POST /auth/emails/{id}/undo': {
    for: 'everybody',
    ask: wrongSecret('/auth/emails', '/undo'),
    refuses: [404, 410, 422]
  },
  'POST /auth/invitations/{id}/open': {
    for: 'everybody',
    ask: wrongSecret('/auth/invitations', '/open'),
    refuses: [404, 410, 422]
  },
  'POST /auth/invitations/{id}/accept': {
    for: 'everybody',
    ask: wrongSecret('/auth/invitations', '/accept', {
      name: 'X',
      password: 'a very long password',
      locale: 'de'
    }),
    refuses: [404, 410, 422]
  },
  'POST /auth/setup/{id}/open': {
    for: 'everybody',
    ask: wrongSecret('/auth/setup', '/open'),
    refuses: [404, 410, 422]
  },
  'POST /auth/setup/{id}': {
    for: 'everybody',
    ask: wrongSecret('/auth/setup', '', {
      firm_name: 'X',
      name: 'X',
      email: 'x@example.org',
      password: 'a very long password',
      locale: 'de'
    }),
    refuses: [404, 410, 422]
  },
  'GET /auth/unsubscribe/{token}': {
    for: 'everybody',
    ask: self('/auth/unsubscribe/wrong'),
    refuses: [303, 404, 422]
  },
  'POST /auth/unsubscribe/{token}': {
    for: 'everybody',
    ask: self('/auth/unsubscribe/wrong'),
    refuses: [404, 422]
  }
}

/** The setting of the firm's provider: read, saved, and what a save may do. */
import { z } from 'zod'
import { type ProviderRow, readProvider } from '../_shared/auth/identity-provider.ts'
import { REDIRECT_URI } from '../_shared/auth/oidc.ts'
import { seal } from '../_shared/auth/sealed.ts'
import type { Caller } from '../_shared/auth/session.ts'
import type { IdentityProviderPage, IdentityProviderWish } from '../_shared/contract/provider.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, run } from '../_shared/db/database.ts'
import { Problem } from '../_shared/problem.ts'
import { changesConnection, planPasswordsOff } from '../_shared/rules/provider.ts'

const sql = blocks<'lock' | 'save' | 'end_visits' | 'came_by'>(new URL('./provider.sql', import.meta.url))

type On = Parameters<typeof row>[0]

const CameBy = z.object({ by_provider: z.boolean(), staff_without: z.int() })

async function cameBy(on: On, { session_id }: Caller): Promise<z.infer<typeof CameBy>> {
  const found = await row(on, sql('came_by'), [session_id], CameBy)
  if (!found) throw new Error('a select without a table gives one row')
  return found
}

export async function providerPage(on: On, caller: Caller): Promise<IdentityProviderPage> {
  const found = await readProvider(on)
  const { client_secret: _, ...provider } = found ?? { client_secret: '' }
  return {
    provider: 'issuer' in provider ? { ...provider, redirect_uri: REDIRECT_URI } : null,
    redirect_uri: REDIRECT_URI,
    ...(await cameBy(on, caller))
  }
}

/** Throws invalid_request where a new issuer comes without a secret, provider_first for who may not switch passwords off. */
export async function saveProvider(
  session: Session,
  acts: Act[],
  caller: Caller,
  wish: IdentityProviderWish
): Promise<void> {
  await run(session, sql('lock'))
  const before = await readProvider(session)
  const { by_provider } = await cameBy(session, caller)
  const plan = planPasswordsOff(before, wish, by_provider)
  if (plan === 'not_by_provider')
    throw new Problem('provider_first', 'Sign in by the provider first, as it is set up now.')
  const client_secret = wish.client_secret ? await seal(wish.client_secret) : keptSecret(before, wish.issuer)
  const { enabled, name, issuer, client_id, scopes, role_claim, roles, factors, factor_values } = wish
  const connects = changesConnection(before, wish)
  await run(session, sql('save'), [
    ...[enabled, name, issuer, client_id, client_secret, scopes, role_claim, JSON.stringify(roles), factors],
    ...[factor_values, wish.trusts_email, wish.creates_accounts, plan.passwords_off, connects]
  ])
  await run(session, sql('end_visits'))
  acts.push({
    action: 'provider.changed',
    actor_id: caller.id,
    // Which settings, and the ones that decide how people come in; the rest is in the setting itself.
    facts: {
      fields: changedFields(before, wish),
      enabled,
      passwords_off: plan.passwords_off,
      creates_accounts: wish.creates_accounts
    }
  })
}

/** A secret goes to the server that it is of, and to no other. */
export function keptSecret(before: ProviderRow | null, issuer: string): string {
  if (before?.issuer === issuer) return before.client_secret
  const detail = 'A new issuer needs its secret.'
  throw new Problem('invalid_request', detail, {
    errors: [{ field: 'client_secret', code: 'required', detail }]
  })
}

function changedFields(before: ProviderRow | null, wish: IdentityProviderWish): string {
  const kept: Record<string, unknown> = { ...before, client_secret: undefined }
  return Object.entries(wish)
    .filter(([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(kept[name]))
    .map(([name]) => name)
    .toSorted()
    .join(' ')
}

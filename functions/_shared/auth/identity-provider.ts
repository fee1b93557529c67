/** The provider that the firm has set up, as it is kept. */
import { z } from 'zod'
import { IdentityProvider } from '../contract/provider.ts'
import { blocks, row } from '../db/database.ts'

const sql = blocks<'read'>(new URL('./identity-provider.sql', import.meta.url))

/** `client_secret` is sealed. */
export const ProviderRow = IdentityProvider.omit({ redirect_uri: true }).extend({ client_secret: z.string() })
export type ProviderRow = z.infer<typeof ProviderRow>

/** Null: none was set up. */
export const readProvider = (on: Parameters<typeof row>[0]): Promise<ProviderRow | null> =>
  row(on, sql('read'), [], ProviderRow)

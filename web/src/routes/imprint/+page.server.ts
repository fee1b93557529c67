import { LegalPages } from '#lib/contract.ts'
import { load as read } from '#lib/server/gateway.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => ({
  firm: await read(event, '/auth/firm/legal', LegalPages)
})

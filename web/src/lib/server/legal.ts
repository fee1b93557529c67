/** Which of the firm's public texts there are: every page leads to them. No page waits for the answer but the first. */
import type { RequestEvent } from '@sveltejs/kit'
import { DoorPlate } from '#lib/contract.ts'
import { send } from './gateway.ts'

const FRESH_MS = 30_000
/** The longest that the first page waits. */
const PATIENCE_MS = 1_000

export type LegalPagesThere = { imprint: boolean; privacy: boolean }

let known: LegalPagesThere = { imprint: false, privacy: false }
let asked_at = Number.NEGATIVE_INFINITY

async function ask(event: RequestEvent): Promise<void> {
  const plate = await send(event, 'GET', '/auth/firm', undefined, DoorPlate)
  if (plate.ok) known = { imprint: plate.data.imprint, privacy: plate.data.privacy }
}

export async function legalPages(event: RequestEvent): Promise<LegalPagesThere> {
  const first = asked_at < 0
  if (performance.now() - asked_at < FRESH_MS) return known
  asked_at = performance.now()
  const asked = ask(event)
  if (first) await Promise.race([asked, new Promise((done) => setTimeout(done, PATIENCE_MS))])
  return known
}

/** A link for somebody outside. Its address is told once and kept nowhere. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PorticoClient } from 'portico/client'

export type ShareWish = {
  things: string[]
  recipient: string
  level: 'view' | 'download'
  /** null: as long as the firm's rule says. */
  days: number | null
  /** A file with the password that the reader is asked for: told apart from the link. */
  password_file: string | undefined
  max_opens: number | null
}

const DAY_MS = 86_400_000

export async function share(client: PorticoClient, wish: ShareWish) {
  const { things, recipient, level, days, password_file, max_opens } = wish
  const { data } = await client.POST('/api/v1/sharing/links', {
    body: {
      ...{ thing_ids: things, recipient, level, max_opens },
      valid_until: days === null ? null : new Date(Date.now() + days * DAY_MS).toISOString(),
      password: password_file === undefined ? null : readFileSync(password_file, 'utf8').trim()
    },
    headers: { 'idempotency-key': randomUUID() }
  })
  if (!data) throw new Error('an answer without a body')
  return data
}

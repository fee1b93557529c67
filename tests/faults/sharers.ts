/** People who share while parts are killed: each wish has a key and is repeated until it was answered. Their own ledger. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type ApiClient, ApiError } from '../../infra/demo/api-client.ts'
import type { Link, MadeLink } from '../../functions/_shared/contract/link.ts'

/** What was wished of one link, and what was answered. */
export type Story = {
  recipient: string
  to: string
  make_key: string
  mail_key: string
  renew_key: string
  renews: boolean
  revokes: boolean
  link: MadeLink | null
  /** The cookie of somebody who had opened it before it was revoked. */
  visit: string
  renewed_until: string
  /** How often a wish was not answered. */
  lost: number
}

/** Milliseconds for which a wish is repeated: a claim whose function died is taken over after two minutes. */
const PATIENCE = 180_000

export const newStory = (number: number): Story => ({
  recipient: `Bank ${number}`,
  to: `bank-${number}@bank.example`,
  make_key: randomUUID(),
  mail_key: randomUUID(),
  renew_key: randomUUID(),
  renews: number % 2 === 0,
  revokes: number % 3 === 0,
  link: null,
  visit: '',
  renewed_until: '',
  lost: 0
})

export const secretOf = (link: MadeLink): string => new URL(link.url).hash.slice(1)

/** Makes, mails, opens, renews and revokes one link, each wish until it was answered. */
export async function tell(client: ApiClient, thing_ids: string[], story: Story): Promise<void> {
  const link = await make(client, thing_ids, story)
  story.link = link
  await mail(client, story, link)
  story.visit = await persist(story, () => open(client.origin, link))
  if (story.renews) story.renewed_until = (await renew(client, story, link)).valid_until
  if (story.revokes) await persist(story, () => client.call<Link>('POST', `/sharing/links/${link.id}/revoke`))
}

const make = (client: ApiClient, thing_ids: string[], story: Story): Promise<MadeLink> =>
  persist(story, () =>
    client.call<MadeLink>(
      'POST',
      '/sharing/links',
      { thing_ids, recipient: story.recipient },
      { 'idempotency-key': story.make_key }
    )
  )

const mail = (client: ApiClient, story: Story, link: MadeLink): Promise<unknown> =>
  persist(story, () =>
    client.call(
      'POST',
      `/sharing/links/${link.id}/mail`,
      { secret: secretOf(link), to: story.to },
      { 'idempotency-key': story.mail_key }
    )
  )

const renew = (client: ApiClient, story: Story, link: MadeLink): Promise<Link> =>
  persist(story, () =>
    client.call<Link>('POST', `/sharing/links/${link.id}/renew`, {}, { 'idempotency-key': story.renew_key })
  )

/** The cookie of a new visit. Throws ApiError. */
export async function open(origin: string, link: MadeLink): Promise<string> {
  const answer = await fetch(`${origin}/api/v1/sharing/links/${link.id}/open`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ secret: secretOf(link), name: 'Berta Bank' })
  })
  if (answer.status !== 204)
    throw new ApiError(answer.status, (await answer.json().catch(() => null))?.code ?? '', 'open')
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** Once more with the same keys, as somebody does whose answers all got lost; what is answered now. */
export async function tellAgain(client: ApiClient, thing_ids: string[], story: Story): Promise<MadeLink> {
  const link = await make(client, thing_ids, story)
  await mail(client, story, link)
  if (story.renews) await renew(client, story, link)
  return link
}

async function persist<T>(story: Story, work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE; ; await wait(150 + Math.random() * 350))
    try {
      return await work()
    } catch (error) {
      const away = !(error instanceof ApiError) || error.status >= 500
      if (away) story.lost += 1
      const again = away || [409, 429].includes(error.status)
      if (!again || Date.now() > end) throw error
    }
}

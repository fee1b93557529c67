/** Outgoing webhooks: an administrator's, and nobody else's. */
import { randomUUID } from 'node:crypto'
import { ADMIN, type Place$, type Rule, self } from './asks.ts'

async function newWebhook({ stage, world }: Place$): Promise<string> {
  const made = await stage.owner.query<{ id: string }>(
    `insert into webhook (name, url, types, secret, from_seq, made_by)
     values ('Accounts', 'https://hooks.example.com/portico', '{document.ready}', 'sealed', 0, $1) returning id`,
    [world.maker]
  )
  return made.rows[0]?.id ?? ''
}

export const WEBHOOKS: Record<string, Rule> = {
  'GET /admin/webhooks': { for: 'roles', roles: ADMIN, ask: self('/admin/webhooks') },
  'POST /admin/webhooks': {
    for: 'roles',
    roles: ADMIN,
    ask: self('/admin/webhooks', {
      name: 'Accounts',
      url: 'https://hooks.example.com/portico',
      types: ['document.ready']
    })
  },
  'GET /admin/webhooks/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}` })
  },
  'PATCH /admin/webhooks/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}`, body: { name: 'Other' } })
  },
  'DELETE /admin/webhooks/{id}': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}` })
  },
  'POST /admin/webhooks/{id}/secret': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}/secret` })
  },
  'POST /admin/webhooks/{id}/test': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}/test` })
  },
  'GET /admin/webhooks/{id}/deliveries': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({ path: `/admin/webhooks/${await newWebhook(at)}/deliveries` })
  },
  'POST /admin/webhooks/{id}/deliveries/{delivery}/again': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/webhooks/${await newWebhook(at)}/deliveries/${randomUUID()}/again`,
      business: [404]
    })
  },
  'POST /admin/webhooks/{id}/again': {
    for: 'roles',
    roles: ADMIN,
    ask: async (at) => ({
      path: `/admin/webhooks/${await newWebhook(at)}/again`,
      body: { since: '2026-01-01T00:00:00Z' }
    })
  }
}

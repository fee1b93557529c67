/** Rules: of those of the firm's people who manage their place, and of nobody else. */
import { MANAGE, type Place$, type Rule, projectAt, self } from './asks.ts'
import { levelOf } from './world.ts'

/** Whoever manages the place, of those who may make rules at all. */
export const makesRules = async (at: Place$): Promise<boolean> =>
  ['administrator', 'staff'].includes(at.role.staff_role ?? '') &&
  (await levelOf(at.stage, at.role, projectAt(at))) === MANAGE

const wishAt = (at: Place$) => ({
  name: 'Invoices',
  happens: 'arrives',
  place_id: projectAt(at),
  conditions: {},
  actions: [{ do: 'tag', tags: ['invoice'] }]
})

export async function newRule(at: Place$): Promise<{ id: string; changed_at: string }> {
  const { rows } = await at.stage.owner.query<{ id: string; changed_at: string }>(
    `with key as (
       insert into api_key (person_id, name, token_hash, scopes, expires_at)
       values ($2, 'Invoices', sha256(convert_to(gen_random_uuid()::text, 'UTF8')), '{share,rule}', now() + interval '1 year') returning id)
     insert into automation (name, happens, place_id, conditions, actions, made_by, key_id, from_seq)
     select 'Invoices', 'arrives', $1, '{}', '[{"do": "tag", "tags": ["invoice"]}]', $2, key.id, 0 from key
     returning id, changed_at`,
    [projectAt(at), at.world.maker]
  )
  const [rule] = rows
  if (!rule) throw new Error('no rule was made')
  return rule
}

export const AUTOMATIONS: Record<string, Rule> = {
  'GET /automations/rules': {
    for: 'roles',
    roles: ['administrator', 'staff'],
    ask: self('/automations/rules')
  },
  'GET /automations/functions': {
    for: 'roles',
    roles: ['administrator', 'staff'],
    ask: self('/automations/functions')
  },
  'POST /automations/rules': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => ({ path: '/automations/rules', body: wishAt(at) })
  },
  'POST /automations/trials': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => ({ path: '/automations/trials', body: wishAt(at) })
  },
  'PUT /automations/rules/{id}': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => {
      const { id, changed_at } = await newRule(at)
      return { path: `/automations/rules/${id}`, body: { ...wishAt(at), changed_at } }
    }
  },
  'DELETE /automations/rules/{id}': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => ({ path: `/automations/rules/${(await newRule(at)).id}` })
  },
  'GET /automations/rules/{id}/runs': {
    for: 'asked',
    allows: makesRules,
    ask: async (at) => ({ path: `/automations/rules/${(await newRule(at)).id}/runs` })
  }
}

/** The secrets that stack.yml, connector and web name, by what they are made of. One definition for every way to run. */
import { jobKey } from '../../functions/_shared/auth/job-key.ts'
import type { StoreKey } from '../minio/policies.ts'
import type { Role } from '../postgres/roles.ts'
import type { Secrets } from './secrets.ts'

/** Functions that only connector or documents may call. */
const CALLED_WITH_TOKENS = ['scan', 'preview', 'archive', 'watermark', 'notify', 'clock', 'automations']

export type ValuesWish = {
  secrets: Secrets
  /** The database's address for a role. */
  url: (role: Role) => string
  store: Record<StoreKey, string>
  sms_gateway: string | null
  /** Functions of the firm's own that rules call. */
  own_functions: string[]
}

export function secretValues({
  secrets,
  url,
  store,
  sms_gateway,
  own_functions
}: ValuesWish): Record<string, string> {
  const values: Record<string, string> = {
    ...store,
    'sms-gateway': sms_gateway ?? '{}',
    'db-app': url('portico_app'),
    'db-intake': url('portico_intake'),
    'db-pipeline': url('portico_pipeline'),
    'db-web': url('portico_web')
  }
  for (const name of ['intake-token', 'edge-token', 'job-signing-key', 'data-key'] as const)
    values[name] = secrets.get(name)
  const master = new Uint8Array(Buffer.from(values['job-signing-key'] ?? '', 'base64'))
  for (const name of CALLED_WITH_TOKENS)
    values[`job-key-${name}`] = Buffer.from(jobKey(master, name)).toString('base64')
  // They are called by automations, whose own key makes theirs: whoever has it calls them, and nothing else.
  const rules = jobKey(master, 'automations')
  for (const name of own_functions)
    values[`job-key-${name}`] ??= Buffer.from(jobKey(rules, name)).toString('base64')
  return values
}

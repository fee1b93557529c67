/** What a key may call. Pure. What its person may not do it cannot do either: that is the access rule's business. */
import type { AnyScope } from '../contract/api-key.ts'

type Opening = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: RegExp
  scope: AnyScope
  /** Not for keys that are limited to one project. */
  whole?: true
}

/** Each way that is open to keys. A new route stays shut until it stands here. */
const OPENINGS = {
  documents: [
    { method: 'GET', path: /^\/projects(\/[^/]+)?$/, scope: 'read' },
    { method: 'GET', path: /^\/folders\/[^/]+\/documents$/, scope: 'read' },
    {
      method: 'GET',
      path: /^\/documents\/[^/]+(\/content|\/versions|\/pages(\/[^/]+\/(image|text))?)?$/,
      scope: 'read'
    },
    { method: 'GET', path: /^\/uploads(\/[^/]+)?$/, scope: 'upload' },
    { method: 'POST', path: /^\/uploads(\/complete|\/[^/]+\/parts)?$/, scope: 'upload' },
    { method: 'DELETE', path: /^\/uploads\/[^/]+$/, scope: 'upload' },
    { method: 'POST', path: /^\/projects\/[^/]+\/s3-credentials$/, scope: 'upload' },
    { method: 'POST', path: /^\/folders$/, scope: 'write' },
    { method: 'POST', path: /^\/projects$/, scope: 'write', whole: true },
    { method: 'PATCH', path: /^\/things\/[^/]+$/, scope: 'rule' },
    { method: 'POST', path: /^\/things\/move$/, scope: 'rule' },
    { method: 'PUT', path: /^\/documents\/[^/]+\/labels$/, scope: 'rule' },
    { method: 'POST', path: /^\/documents\/[^/]+\/lendings$/, scope: 'rule' },
    { method: 'POST', path: /^\/comments$/, scope: 'rule' },
    { method: 'POST', path: /^\/locks$/, scope: 'rule' }
  ],
  sharing: [
    { method: 'POST', path: /^\/links$/, scope: 'share' },
    { method: 'POST', path: /^\/links\/[^/]+\/mail$/, scope: 'rule' }
  ],
  audit: [{ method: 'GET', path: /^\/(activity|events)$/, scope: 'read' }]
} satisfies Record<string, Opening[]>

/** The functions that keys reach. */
export type OpenToKeys = keyof typeof OPENINGS

export type KeyVerdict = { allowed: true } | { allowed: false; missing: AnyScope | null }

/**
 * Whether a key may make this call.
 *
 * @param path as the function's router sees it
 * @returns with the scope that it would need; null where no key may go
 */
export function keyAllows(
  key: { scopes: AnyScope[]; project_id: string | null },
  name: OpenToKeys,
  method: string,
  path: string
): KeyVerdict {
  // The router answers HEAD as GET.
  const asked = method === 'HEAD' ? 'GET' : method
  const openings: Opening[] = OPENINGS[name]
  const opening = openings.find((one) => one.method === asked && one.path.test(path))
  if (!opening || (opening.whole && key.project_id !== null)) return { allowed: false, missing: null }
  if (key.scopes.includes(opening.scope)) return { allowed: true }
  return { allowed: false, missing: opening.scope === 'rule' ? null : opening.scope }
}

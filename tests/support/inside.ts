/** A running portal's own secrets and ports, as they lie in its data folder, and its store as root. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stack } from './stack.ts'
import { clientOf } from './store.ts'

export function openInside(stack: Stack) {
  const read = (name: string) => readFileSync(join(stack.data, 'secrets', name), 'utf8').trim()
  const ports: Record<'postgres' | 'store' | 'gateway' | 'web', number> = JSON.parse(
    readFileSync(join(stack.data, 'ports.json'), 'utf8')
  )
  const endpoint = `http://127.0.0.1:${ports.store}`
  const root = clientOf({
    ...{ endpoint, public_endpoint: endpoint, region: 'us-east-1' },
    ...{ access_key_id: 'portico-root', secret_access_key: read('store-root') }
  })
  return { read, ports, root }
}

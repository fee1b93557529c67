/** Secrets of the web: files, one per name, read once. */
import { secret_mount_path } from '$app/env/private'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const held = new Map<string, string>()

/** Throws when the web was not given the secret. */
export function secret(name: 'edge-token' | 'db-web'): string {
  const known = held.get(name)
  if (known !== undefined) return known
  const value = readFileSync(join(secret_mount_path, name), 'utf8').trim()
  held.set(name, value)
  return value
}

/** How long a restore of a given size takes, all checks included, and what that makes of 10 GB. */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { lookInside } from '../faults/installation.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { atRest } from './judge.ts'
import { destroy, makeSite, putKeysAway, restore, startBackup } from './machine.ts'

/** Bytes of a file, by turns: scans, contracts, and a video now and then. */
const SIZES = [150_000, 400_000, 1_000_000, 5_000_000, 40_000_000]
const AT_ONCE = 4

export async function measureSize(megabytes: number): Promise<string> {
  const site = makeSite()
  const stacks: Stack[] = []
  try {
    const stack = await startStack({ keep: true })
    stacks.push(stack)
    const sent = await fill(stack, megabytes * 1e6)
    const inside = await lookInside(stack)
    await atRest(inside)
    await inside.close()
    const backup = await startBackup(site, stack).said
    if (backup.code !== 0) throw new Error(backup.stdout + backup.stderr)
    putKeysAway(site, stack)
    await destroy(stack, site)
    const { code, json, stdout } = await restore(site, join(site.folder, 'restored'))
    if (code !== 0) throw new Error(stdout)
    const gigabytes = json.objects.bytes / 1e9
    const minutes = ((json.seconds / gigabytes) * 10) / 60
    return (
      `${sent} files, ${gigabytes.toFixed(2)} GB of originals: backup ${backup.json.seconds} s, restored with all checks in ` +
      `${json.seconds} s; 10 GB would take ${minutes.toFixed(1)} minutes (must: 60)`
    )
  } finally {
    for (const stack of stacks) await stack.stop()
    for (const stack of stacks) rmSync(stack.data, { recursive: true, force: true })
    rmSync(site.folder, { recursive: true, force: true })
  }
}

/** How many files were sent. */
async function fill(stack: Stack, bytes: number): Promise<number> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Petra'))
  const { items } = await client.call<{ items: { id: string }[] }>('GET', '/documents/projects')
  let left = bytes
  let sent = 0
  const work = async () => {
    while (left > 0) {
      const size = SIZES[sent % SIZES.length] ?? 1
      left -= size
      sent += 1
      const file = { name: `${sent}.bin`, type: 'application/octet-stream', bytes: randomBytes(size) }
      await client.upload(items[0]?.id ?? '', [file])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return sent
}

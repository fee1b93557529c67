/** The whole portal on a disk of bounded size, with Toxiproxy between its parts and an echo before intake. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { processesOf } from '../support/processes.ts'
import { layFirm, startStack, untilQuiet } from '../support/stack.ts'
import { versionsThere } from './compare.ts'
import { boundedDisk } from './disk.ts'
import { startEcho } from './echo.ts'
import { lookInside } from './installation.ts'
import { openLedger } from './ledger.ts'
import { findToxiproxy, startToxiproxy } from './toxiproxy.ts'
import type { Errand } from './writers.ts'

const WRITERS = [
  ['Petra', 'Jahresabschluss'],
  ['Jonas', 'Jahresabschluss'],
  ['Elin', 'Markenanmeldung']
] as const

export type Stage = Awaited<ReturnType<typeof openStage>>

/** @param megabytes of the disk that the portal has. @param closers what is to be undone, last first, also while it begins */
export async function openStage(megabytes: number, seed: number, closers: (() => unknown)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'portico-faults-'))
  chmodSync(folder, 0o711) // the database is another user's where this runs as root
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const disk = boundedDisk(folder, megabytes)
  if (disk) closers.push(disk.close)
  const data = join(disk?.path ?? folder, 'data')
  mkdirSync(data)
  layFirm(data)

  const ports = {
    postgres: await freePort(),
    store: await freePort(),
    gateway: await freePort(),
    echo: await freePort()
  }
  writeFileSync(join(data, 'ports.json'), JSON.stringify(ports))
  const echo = await startEcho(ports.echo, `http://127.0.0.1:${ports.gateway}`, seed)
  closers.push(echo.stop)
  const program = findToxiproxy()
  const proxy = program
    ? await startToxiproxy(program, {
        ...{ database: ports.postgres, store: ports.store },
        ...{ intake: ports.echo, gateway: ports.gateway }
      })
    : null
  if (proxy) closers.push(proxy.stop)
  const detours = proxy?.ports ?? { intake: ports.echo }
  // Should the portal itself have died: its database and store live on by themselves.
  closers.push(() => {
    for (const pid of processesOf((line) => line.includes(data) && !line.includes('tests/faults')))
      process.kill(pid, 'SIGKILL')
  })
  const stack = await startStack({
    data,
    keep: true,
    detached: true,
    env: { PORTICO_DETOURS: JSON.stringify(detours) }
  })
  closers.push(stack.stop)
  await untilQuiet(data)
  const inside = await lookInside(stack)
  closers.push(inside.close)
  const ledger = await openLedger(join(folder, 'ledger.jsonl'))
  closers.push(ledger.close)

  const errandOf = async (name: string, project: string): Promise<Errand> => {
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person(name))
    const { items } = await client.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/documents/projects'
    )
    const found = items.find((one) => one.name.includes(project))
    if (!found) throw new Error(`${name} does not see ${project}`)
    return { client, project_id: found.id, documents: [], drops: [] }
  }
  const queue = join(stack.data, 'store', 'events')
  return {
    stack,
    inside,
    ledger,
    disk,
    proxy,
    echo,
    /** What the store has not yet told. */
    queue,
    waitingEvents: (): number =>
      existsSync(queue)
        ? readdirSync(queue, { recursive: true }).filter((file) => String(file).endsWith('.event')).length
        : 0,
    errands: await Promise.all(WRITERS.map(([name, project]) => errandOf(name, project))),
    before: await versionsThere(inside)
  }
}

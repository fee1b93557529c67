/** Toxiproxy between the parts: got by Go once, kept in the user's cache beside the store's program. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../infra/runner/ports.ts'
import { findGoProgram } from './go-program.ts'
import { type Cut, LINKS, type Link, type Trouble } from './schedule.ts'

/** The newest that the module proxy has under its own name. */
const PROGRAM = {
  installed: 'toxiproxy-server',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  version: 'v2.5.0'
}

/** Milliseconds until it answers. */
const PATIENCE = 10_000

export const findToxiproxy = (): string | null => findGoProgram(PROGRAM)

export type Toxiproxy = Awaited<ReturnType<typeof startToxiproxy>>

type Toxic = { type: string; toxicity?: number; attributes: Record<string, number> }
const TOXICS: Record<Exclude<Trouble, 'refused'>, Toxic> = {
  slow: { type: 'latency', attributes: { latency: 400, jitter: 300 } },
  reset: { type: 'reset_peer', attributes: { timeout: 0 } },
  // Without a time of its own it lets nothing through and hangs up when it is taken away.
  silent: { type: 'timeout', attributes: { timeout: 0 } },
  half_silent: { type: 'timeout', toxicity: 0.5, attributes: { timeout: 0 } }
}

/** @param upstreams the port of each part behind its link */
export async function startToxiproxy(program: string, upstreams: Record<Link, number>) {
  const port = await freePort()
  const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port)], {
    stdio: 'ignore',
    detached: true // Ctrl-C is for us, who end it last
  })
  const call = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`toxiproxy: ${method} ${path}: ${answer.status} ${await answer.text()}`)
    await answer.body?.cancel()
  }
  await answers(child, () => call('GET', '/version'))
  const ports = {} as Record<Link, number>
  for (const link of LINKS) {
    ports[link] = await freePort()
    const [listen, upstream] = [`127.0.0.1:${ports[link]}`, `127.0.0.1:${upstreams[link]}`]
    await call('POST', '/proxies', { name: link, listen, upstream, enabled: true })
  }

  return {
    /** Where each part is reached by the others. */
    ports,
    /** Makes the trouble for as long as it lasts. */
    cut: async ({ link, trouble, lasts }: Cut): Promise<void> => {
      const path = `/proxies/${link}`
      if (trouble === 'refused') await call('POST', path, { enabled: false })
      else await call('POST', `${path}/toxics`, { name: 'trouble', stream: 'downstream', ...TOXICS[trouble] })
      await wait(lasts)
      if (trouble === 'refused') await call('POST', path, { enabled: true })
      else await call('DELETE', `${path}/toxics/trouble`)
    },
    stop: (): void => void child.kill('SIGKILL')
  }
}

async function answers(child: ChildProcess, ask: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await wait(50)) {
    if (child.exitCode !== null) break
    if (
      await ask().then(
        () => true,
        () => false
      )
    )
      return
  }
  child.kill('SIGKILL')
  throw new Error('toxiproxy did not start')
}

/** What the runner adds to a call, and how long a function's first call takes. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Stack, startStack } from '../support/stack.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Milliseconds until a GET is answered whole. */
function timed(url: string): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    request(url, { agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(performance.now() - began))
    })
      .on('error', reject)
      .end()
  })
}

const read = (stack: Stack, name: string): string => readFileSync(join(stack.data, name), 'utf8')

/** Calls in turn, so that whatever else the machine does hits both alike; what the gateway adds at the median. */
async function added(stack: Stack, gateway: string): Promise<{ direct: number; through: number }> {
  const port = [...read(stack, 'logs/auth.log').matchAll(/"event":"ready","port":(\d+)/g)].at(-1)?.[1]
  const [direct, through]: [number[], number[]] = [[], []]
  for (let i = 0; i < 2_000; i += 1) {
    const [a, b] = [
      await timed(`http://127.0.0.1:${port}/session`),
      await timed(`${gateway}/function/auth/session`)
    ]
    if (i >= 200) {
      direct.push(a)
      through.push(b)
    }
  }
  return { direct: percentile(direct, 0.5), through: percentile(through, 0.5) }
}

/** The median of five first calls, each after the process was ended cleanly (so that its compile cache is written). */
async function coldStart(stack: Stack, gateway: string, name: string, path: string): Promise<number> {
  const headers = {
    authorization: `Basic ${Buffer.from(`admin:${read(stack, 'secrets/gateway-password').trim()}`).toString('base64')}`
  }
  const pidOf = async (): Promise<number | null> => {
    const answer = await fetch(`${gateway}/system/functions`, { headers })
    const list: { name: string; pid: number | null }[] = await answer.json()
    return list.find((one) => one.name === name)?.pid ?? null
  }
  const found: number[] = []
  for (let i = 0; i < 6; i += 1) {
    const pid = await pidOf()
    if (pid !== null) process.kill(pid, 'SIGTERM')
    while ((await pidOf()) !== null) await wait(20)
    const took = await timed(`${gateway}/function/${name}${path}`)
    if (i > 0) found.push(took)
  }
  return percentile(found, 0.5)
}

export async function run(): Promise<Row[]> {
  const stack = await startStack({ demo: false })
  try {
    const gateway = `http://127.0.0.1:${JSON.parse(read(stack, 'ports.json')).gateway}`
    const { direct, through } = await added(stack, gateway)
    const http = await coldStart(stack, gateway, 'audit', '/activity')
    const preview = await coldStart(stack, gateway, 'preview', '/')
    return [
      {
        what: 'a call through the runner',
        figure: `${through.toFixed(2)} ms`,
        peer: `the function called directly ${direct.toFixed(2)} ms`,
        ratio: direct / through,
        must: '+2 ms',
        aim: '+1 ms',
        holds: through - direct <= 2
      },
      {
        what: 'cold start of an HTTP function',
        figure: ms(http),
        must: '350 ms',
        aim: '180 ms',
        holds: http <= 350
      },
      {
        what: 'cold start of preview',
        figure: ms(preview),
        must: '800 ms',
        aim: '500 ms',
        holds: preview <= 800
      }
    ]
  } finally {
    agent.destroy()
    await stack.stop()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}

/** Stands before intake and tells every fifth event once more, later and in any order. */
import { type Server, createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { close, listen } from '../../infra/runner/listen.ts'
import { randomFrom } from './schedule.ts'

/** Of a hundred events so many come again. */
const AGAIN = 20
/** Milliseconds: that intake gets for an answer, and between two copies. */
const PATIENCE = 70_000
const BETWEEN = 20

type Copy = { path: string; authorization: string; body: Buffer }

export type Echo = Awaited<ReturnType<typeof startEcho>>

/** @param gateway where events really go */
export async function startEcho(port: number, gateway: string, seed: number) {
  const random = randomFrom(seed)
  const copies: Copy[] = []
  let told = 0
  let repeated = 0
  let stopped = false

  const pass = async (method: string, copy: Copy): Promise<number> => {
    const answer = await fetch(`${gateway}${copy.path}`, {
      method,
      headers: { authorization: copy.authorization, 'content-type': 'application/json' },
      ...(method === 'POST' && { body: new Uint8Array(copy.body) }),
      signal: AbortSignal.timeout(PATIENCE)
    })
    await answer.body?.cancel()
    return answer.status
  }

  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const { method = 'GET', url = '/', headers } = request
      const copy = { path: url, authorization: headers.authorization ?? '', body: Buffer.concat(chunks) }
      pass(method, copy).then(
        (status) => {
          if (method === 'POST' && status === 204) {
            told += 1
            if (random() * 100 < AGAIN) copies.push(copy)
          }
          response.writeHead(status).end()
        },
        () => response.destroy()
      )
    })
  })
  await listen(server, port, '127.0.0.1')

  const again = async () => {
    while (!stopped) {
      await wait(BETWEEN)
      const copy = copies.splice(Math.floor(random() * copies.length), 1)[0]
      if (!copy) continue
      const status = await pass('POST', copy).catch(() => 0)
      if (status === 204) repeated += 1
      else {
        copies.push(copy)
        await wait(500)
      }
    }
  }
  const repeating = again()

  return {
    figures: () => ({ told, repeated }),
    /** Every copy has been told. */
    isEmpty: () => copies.length === 0,
    stop: async () => {
      stopped = true
      await repeating
      await close(server, 0)
    }
  }
}

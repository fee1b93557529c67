/** Codes as they reach people: by mail, where the embedded portal caught it, and by a text-message gateway of the test's own. */
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const CODE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/
const PATIENCE_MS = 20_000

/** The first code that `look` finds and that is none of `but`. */
async function codeIn(look: () => string[], but: string[]): Promise<string> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await wait(100))
    for (const text of look()) {
      const code = CODE.exec(text)?.[0]
      if (code && !but.includes(code)) return code
    }
  throw new Error('no code came')
}

/** The newest code that was mailed to an address and is none of `but`. */
export const codeMailedTo = (data: string, address: string, but: string[] = []): Promise<string> =>
  codeIn(() => {
    const folder = join(data, 'mail')
    return readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .toSorted()
      .toReversed()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .filter((text) => text.includes(`To: ${address}`))
      .map((text) => text.split('\r\n').find((line) => new RegExp(`^${CODE.source}$`).test(line)) ?? '')
  }, but)

export type SmsGateway = {
  /** What a portal needs to send through it. */
  settings: object
  codeFor: (number: string, but?: string[]) => Promise<string>
  close: () => void
}

/** A gateway as any provider has one: JSON by POST, "accepted" as the answer. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const messages: { to: string; text: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      messages.push(JSON.parse(body))
      response.writeHead(202).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  const port = typeof at === 'object' ? at?.port : 0
  return {
    settings: {
      url: `http://127.0.0.1:${port}/messages`,
      headers: {},
      body: '{"to":"{to}","text":"{text}"}'
    },
    codeFor: (number, but = []) =>
      codeIn(
        () =>
          messages
            .filter((one) => one.to === number)
            .map((one) => one.text)
            .toReversed(),
        but
      ),
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

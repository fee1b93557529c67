/**
 * Where mail goes when no mail server is configured: an SMTP server on a loopback port that keeps the last mails in a
 * folder, and a page on another one that shows them. Never reachable from outside, never there when SMTP_URL is set.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, type ServerResponse, createServer } from 'node:http'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { type Mail, readMail } from './message.ts'

const KEPT = 200
/** Bytes of one mail. */
const LIMIT = 5 * 1024 * 1024

export type CaughtMail = Mail & { id: string; at: string }

export type Catcher = {
  /** For whoever sends mail. */
  smtp_url: string
  /** Where people look. */
  page: string
  /** All that are kept, newest last. */
  messages: () => CaughtMail[]
  stop: () => Promise<void>
}

/** Starts both servers on loopback. */
export async function startCatcher(folder: string, smtp_port: number, page_port: number): Promise<Catcher> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const messages = () => names(folder).flatMap((name) => readOne(folder, name))
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: LIMIT,
    logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      let size = 0
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= LIMIT) chunks.push(chunk)
      })
      stream.on('end', () => {
        try {
          if (size <= LIMIT) keep(folder, Buffer.concat(chunks))
          done()
        } catch {
          // The disk is full, or the folder gone: whoever sends tries again, and the portal lives on.
          done(Object.assign(new Error('No room for mail just now'), { responseCode: 452 }))
        }
      })
    }
  })
  smtp.on('error', () => undefined) // a client that breaks off
  await new Promise<void>((resolve) => smtp.listen(smtp_port, '127.0.0.1', resolve))
  const page = createServer((request, response) => {
    const isLocal = [`127.0.0.1:${page_port}`, `localhost:${page_port}`].includes(request.headers.host ?? '')
    show(isLocal ? (request.url ?? '/') : null, response, messages)
  })
  await listen(page, page_port)
  return {
    smtp_url: `smtp://127.0.0.1:${smtp_port}`,
    page: `http://localhost:${page_port}`,
    messages,
    stop: async () => {
      page.closeAllConnections()
      await Promise.all([
        new Promise((resolve) => page.close(resolve)),
        new Promise<void>((resolve) => smtp.close(resolve))
      ])
    }
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

/** Oldest first: names begin with the time. */
const names = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .sort()

let count = 0

function keep(folder: string, source: Buffer): void {
  count += 1
  const name = `${Date.now()}-${String(count).padStart(6, '0')}.eml`
  writeFileSync(join(folder, name), source, { mode: 0o600 })
  for (const old of names(folder).slice(0, -KEPT)) rmSync(join(folder, old), { force: true })
}

function readOne(folder: string, name: string): CaughtMail[] {
  try {
    const at = new Date(Number.parseInt(name, 10)).toISOString()
    return [{ id: name.slice(0, -'.eml'.length), at, ...readMail(readFileSync(join(folder, name))) }]
  } catch {
    return [] // thrown away between listing and reading
  }
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)

/** `url` null: somebody came by another name (DNS rebinding). */
function show(url: string | null, response: ServerResponse, messages: () => CaughtMail[]): void {
  const send = (status: number, type: string, text: string) =>
    response
      .writeHead(status, {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'"
      })
      .end(text)
  if (url === null) return void send(421, 'text/plain', 'not here\n')
  if (url === '/messages.json') return void send(200, 'application/json', JSON.stringify(messages()))
  if (url === '/') return void send(200, 'text/html', listPage(messages().toReversed()))
  const mail = messages().find((one) => url === `/messages/${one.id}`)
  if (!mail) return void send(404, 'text/plain', 'not found\n')
  send(200, 'text/html', page(mail.subject, mailPage(mail)))
}

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escape(title)}</title><body>${body}</body></html>`

const listPage = (mails: CaughtMail[]): string =>
  page(
    'Caught mail',
    `<h1>Caught mail</h1><p>Portico sends no mail while SMTP_URL is not set; it arrives here.</p><ul>${mails
      .map(
        (mail) =>
          `<li><time>${mail.at}</time> ${escape(mail.to)}: <a href="/messages/${mail.id}">${escape(mail.subject)}</a></li>`
      )
      .join('')}</ul>`
  )

/** The text with its links made clickable. */
const mailPage = (mail: CaughtMail): string =>
  `<p><a href="/">All mail</a></p><h1>${escape(mail.subject)}</h1><p>${escape(mail.from)} → ${escape(mail.to)}, ${mail.at}</p><pre>${escape(
    mail.text
  ).replace(/https?:\/\/[^\s&]+/g, (link) => `<a href="${link}">${link}</a>`)}</pre>`

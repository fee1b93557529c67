/**
 * Portico on one machine: PostgreSQL, object store, gateway, functions, connector, web, edge, mail catcher.
 * infra/start.mjs starts it under Node 26. One process supervises; what it starts ends with it, however it ends.
 */
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { CannotStartPostgres } from '../postgres/binaries.ts'
import { NoStore } from '../minio/find.ts'
import { DatabaseIsNewer } from '../postgres/migrate.ts'
import { type DataFolder, openData } from './data.ts'
import { demoFirm, peopleTable, printCodesOnEnter } from './demo.ts'
import { CannotStart, type Options, parseOptions } from './options.ts'
import { type Portal, startPortal } from './portal.ts'
import { makeSetupLink, switchPasswordsOn } from './setup.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env, {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    root: ROOT
  })
  const data = openData(options.data)
  const portal = startPortal(options, data, say)
  let leaving: Promise<void> | undefined
  const leave = (code: number) => {
    if (leaving) process.exit(code) // asked twice: at once
    leaving = (async () => {
      const started = await portal.catch(() => null)
      await started?.stop()
      data.release()
      process.exit(code)
    })()
    return leaving
  }
  onSignals(leave)
  try {
    await welcome(options, data, await portal)
  } catch (error) {
    if (leaving) return leaving
    explain(error)
    await leave(1)
  }
}

/** Ctrl-C, a service manager, the terminal's end; and the end of the process that npm started, if it is another. */
function onSignals(leave: (code: number) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      say('Ending …')
      leave(0)
    })
  if (process.env.PORTICO_PARENT_PIPE)
    new Socket({ fd: Number(process.env.PORTICO_PARENT_PIPE) })
      .on('error', () => undefined)
      .on('close', () => leave(0))
      .resume()
      .unref()
  // What nobody foresaw still ends the parts in their order: else database and store stay behind.
  for (const event of ['unhandledRejection', 'uncaughtException'] as const)
    process.on(event, (error) => {
      explain(error)
      leave(1)
    })
}

/** What the person at the terminal gets to know when everything runs. */
async function welcome(options: Options, data: DataFolder, portal: Portal): Promise<void> {
  const link = await makeSetupLink(portal.owner_url, portal.origin)
  if (options.passwords_on)
    say(
      (await switchPasswordsOn(portal.owner_url))
        ? 'Passwords are on again for staff. The log says so.'
        : 'Passwords were not switched off for staff; nothing was changed.'
    )
  if (options.demo && portal.catcher) {
    if (link !== null) say('Making the demo firm …')
    const demo = await demoFirm(data, portal.origin, link, portal.catcher.page)
    say(`Portico is ready: ${portal.origin}`)
    say(`People of the demo firm (all of it in ${data.path}/demo.json):\n${peopleTable(demo)}`)
    say(`Mail: ${portal.catcher.page}`)
    return printCodesOnEnter(demo, say)
  }
  say(`Portico is ready: ${portal.origin}`)
  if (link !== null) say(`Set up your firm here; this link works once, for a day:\n  ${link}`)
  if (portal.catcher) say(`Mail is not sent but kept here until SMTP_URL is set: ${portal.catcher.page}`)
}

/** One sentence where we know what is wrong; all we have where we do not. */
function explain(error: unknown): void {
  const isOurs = [CannotStart, CannotStartPostgres, NoStore, DatabaseIsNewer].some(
    (kind) => error instanceof kind
  )
  if (error instanceof Error && isOurs) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}

try {
  await main()
} catch (error) {
  explain(error)
  process.exitCode = 1
}

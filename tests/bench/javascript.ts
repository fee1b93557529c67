/** JavaScript that a page loads before anybody presses anything: every module its HTML names, gzip at level 9. */
import { gzipSync } from 'node:zlib'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { startStack } from '../support/stack.ts'
import { type Row, printRows } from './row.ts'

/** Bytes after gzip of all scripts that the page's HTML preloads or imports. */
async function weigh(origin: string, path: string, cookie: string): Promise<number> {
  const page = await fetch(origin + path, { headers: cookie ? { cookie } : {}, redirect: 'manual' })
  if (page.status !== 200) throw new Error(`${path}: ${page.status}`)
  const html = await page.text()
  const links = new Set(
    [...html.matchAll(/(?:href|src|import\()\s*=?\s*"([^"]+\.js)"/g)].map(
      (match) => new URL(match[1] ?? '', origin + path).href
    )
  )
  if (links.size === 0) throw new Error(`${path}: no script found`)
  let sum = 0
  for (const link of links)
    sum += gzipSync(Buffer.from(await (await fetch(link)).arrayBuffer()), { level: 9 }).length
  return sum
}

function row(what: string, bytes: number, must: number, aim: number): Row {
  const kilobytes = bytes / 1_000
  return {
    what: `JavaScript of ${what}, gzip`,
    figure: `${kilobytes.toFixed(1)} KB`,
    must: `${must} KB`,
    aim: `${aim} KB`,
    holds: kilobytes <= must
  }
}

export async function run(): Promise<Row[]> {
  const stack = await startStack()
  try {
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person('Petra'))
    const { items } = await client.call<{ items: { id: string }[] }>('GET', '/documents/projects')
    return [
      row('the sign-in page', await weigh(stack.origin, '/sign-in', ''), 60, 40),
      row('the project page', await weigh(stack.origin, `/projects/${items[0]?.id}`, client.cookie), 130, 90)
    ]
  } finally {
    await stack.stop()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}

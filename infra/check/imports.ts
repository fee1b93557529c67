/**
 * Imports go one way (docs/architecture.md): contract ← rules ← handlers and pipeline; db, storage, pdf, mail import
 * contract only; handlers never import each other; the web reaches contract through one module and functions through none.
 * Prints each offence as file:line; exit 1 if there is one.
 */
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

const ROOM = /^functions\/_shared\/(contract|rules|db|storage|pdf|mail|auth|pipeline)\//
const HALL = 'hall' // serve, http, problem, config, log …: files directly in _shared

/** The rooms that a room may import, besides itself. */
const MAY: Record<string, string[]> = {
  contract: [],
  rules: ['contract'],
  db: ['contract', HALL],
  storage: ['contract', HALL],
  pdf: ['contract', HALL],
  mail: ['contract', HALL],
  auth: ['contract', 'rules', 'db', HALL],
  pipeline: ['contract', 'rules', 'db', 'storage', 'auth', 'mail', HALL],
  [HALL]: ['contract', 'rules', 'db', 'auth'],
  function: ['contract', 'rules', 'db', 'storage', 'pdf', 'mail', 'auth', 'pipeline', HALL],
  web: ['contract'],
  infra: ['contract', 'rules', 'db', 'storage', 'auth', 'pipeline', HALL, 'infra']
}

/** The web's doors to the contract: all of it, and what the browser gets of it. */
const DOORS = new Set(['web/src/lib/contract.ts', 'web/src/lib/values.ts'])

/** Modules of the web that never reach a browser. */
const ON_SERVER = /\.server\.ts$|\+server\.ts$|\/lib\/server\/|\/lib\/contract\.ts$/

function roomOf(path: string): string {
  if (path.startsWith('web/')) return 'web'
  if (path.startsWith('infra/')) return 'infra'
  const room = ROOM.exec(path)?.[1]
  if (room) return room
  return path.startsWith('functions/_shared/') ? HALL : 'function'
}

/** Why this import is not allowed, or null. `from` and `to` are paths from the repository's root. */
export function offence(from: string, to: string): string | null {
  const [a, b] = [roomOf(from), roomOf(to)]
  if (a === 'function' && b === 'function')
    return from.split('/')[1] === to.split('/')[1] ? null : 'functions never import each other'
  if (a === 'web' && b !== 'web' && !DOORS.has(from))
    return 'web reaches contract through web/src/lib/contract.ts'
  if (a === b) return null
  return MAY[a]?.includes(b) ? null : `${a} may not import ${b}`
}

/** A schema in the browser brings zod along: 31 KB that a page loads before it can do anything. */
const bringsSchemas = (text: string): boolean =>
  /^\s*import (?!type\b)[^']*? from '[^']*\/contract\.ts'/m.test(text)

/** Images get `dependencies` only: what else a function imports is there on our machines, and away where it is run. */
const PACKAGES = new Set(
  Object.keys(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).dependencies)
)

/** The package that a line imports, by its name; null: none, or types alone. */
function packageOf(line: string): string | null {
  if (/^\s*(import|export) type\b/.test(line)) return null
  const target = /(?:^\s*(?:import|export|\})[^']*\bfrom |^\s*import |\bimport\()'([^'.#/$][^']*)'/.exec(
    line
  )?.[1]
  if (!target || target.startsWith('node:')) return null
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/')
}

async function main(): Promise<void> {
  let offences = 0
  for await (const file of glob(['functions/**/*.ts', 'infra/**/*.ts', 'web/src/**/*.{ts,svelte}'])) {
    if (file.includes('node_modules') || file.includes('paraglide/')) continue
    const text = readFileSync(file, 'utf8')
    const lines = text.split('\n')
    if (file.startsWith('web/') && !ON_SERVER.test(file) && bringsSchemas(text)) {
      offences += 1
      process.stdout.write(`${file}: the browser imports types of the contract only\n`)
    }
    lines.forEach((line, index) => {
      const name = file.startsWith('functions/') ? packageOf(line) : null
      if (name !== null && !PACKAGES.has(name)) {
        offences += 1
        process.stdout.write(`${file}:${index + 1}: ${name} is none of package.json’s dependencies\n`)
      }
      const target = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/.exec(line)?.[1]
      if (!target) return
      const why = offence(file, normalize(join(dirname(file), target)))
      if (!why) return
      offences += 1
      process.stdout.write(`${file}:${index + 1}: ${why}\n`)
    })
  }
  process.exitCode = offences > 0 ? 1 : 0
}

if (import.meta.main) await main()

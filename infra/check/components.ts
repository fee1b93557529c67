/**
 * `npm run components`: holds what we depend on against the time that docs/security/design.md gives it (ASVS V15.2.1). By
 * the registry, so not a part of `npm run check`: it is run before a release.
 *
 * For each dependency: the oldest newer version of the same line (major; of 0.x the minor), and for how long it has been
 * there. Exit code 1 when one has been there for longer than TIME_FRAME, or the registry knows of a hole.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { z } from 'zod'

/** Days within which a newer version of the same line is taken. */
const TIME_FRAME = 90
/** Questions to the registry at a time. */
const AT_ONCE = 6

const run = promisify(execFile)
const Package = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({})
})
const Times = z.record(z.string(), z.string())

const numbers = (version: string): number[] => version.split('.').map(Number)

/** Whether `other` is a later version of the same line, and no trial. */
function isLater(other: string, version: string): boolean {
  if (!/^\d+\.\d+\.\d+$/.test(other)) return false
  const [a, b] = [numbers(version), numbers(other)]
  const line = a[0] === 0 ? 2 : 1
  if (a.slice(0, line).join('.') !== b.slice(0, line).join('.')) return false
  const at = b.findIndex((part, i) => part !== a[i])
  return at >= 0 && (b[at] ?? 0) > (a[at] ?? 0)
}

type Late = { name: string; version: string; newer: string; days: number }

/** Null: there is nothing newer in its line. */
async function lateness(name: string, version: string): Promise<Late | null> {
  const { stdout } = await run('npm', ['view', name, 'time', '--json'], { maxBuffer: 64 * 1024 * 1024 })
  const later = Object.entries(Times.parse(JSON.parse(stdout)))
    .filter(([other]) => isLater(other, version))
    .map(([newer, at]) => ({ newer, days: Math.floor((Date.now() - Date.parse(at)) / 86_400_000) }))
    .sort((a, b) => b.days - a.days)[0]
  return later ? { name, version, ...later } : null
}

/** What npm knows about holes, in its own words; null where it cannot be asked. */
async function audit(): Promise<{ well: boolean; text: string } | null> {
  try {
    const { stdout } = await run('npm', ['audit', '--omit=dev'])
    return { well: true, text: stdout.trim() }
  } catch (error) {
    const text = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : ''
    return /severity|vulnerabilit/i.test(text) ? { well: false, text } : null
  }
}

const all = new Map<string, string>()
for (const file of ['package.json', 'web/package.json']) {
  const { dependencies, devDependencies } = Package.parse(JSON.parse(readFileSync(file, 'utf8')))
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    all.set(name, version)
}
const queue = [...all].filter(([, version]) => /^\d/.test(version))
const count = queue.length
const found: Late[] = []
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const late = await lateness(...next)
      if (late) found.push(late)
    }
  })
)
found.sort((a, b) => b.days - a.days)
for (const { name, version, newer, days } of found)
  process.stdout.write(
    `${days > TIME_FRAME ? '✗' : '✓'} ${name} ${version}: ${newer} came ${days} days ago\n`
  )
const late = found.filter(({ days }) => days > TIME_FRAME)
process.stdout.write(`${count} dependencies, ${found.length} with a newer version, ${late.length} too late\n`)
const holes = await audit()
process.stdout.write(holes ? `${holes.text}\n` : 'npm audit cannot be asked here: do it where it can\n')
process.exit(late.length > 0 || holes?.well === false ? 1 : 0)

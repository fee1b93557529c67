/** `npm run check`: format, lint, types, svelte-check, import rules, translations, schema drift. A warning is an error. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const bin = (name: string) => `node_modules/.bin/${name}`
const node = process.execPath

const STEPS: { name: string; command: string[]; cwd?: string; needs?: string }[] = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings', 'functions', 'infra', 'tests', 'web/src'] },
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'translations', command: [node, 'check-messages.ts'], cwd: 'web', needs: 'web/check-messages.ts' },
  { name: 'pages', command: ['npm', 'run', '--silent', 'check'], cwd: 'web' },
  { name: 'imports', command: [node, 'infra/check/imports.ts'] },
  { name: 'schema', command: [node, 'infra/postgres/schema.ts', '--check'] },
  { name: 'openapi', command: [node, 'infra/check/openapi.ts', '--check'] }
]

let failed = 0
for (const step of STEPS) {
  if (step.needs && !existsSync(step.needs)) throw new Error(`${step.name}: ${step.needs} is not there`)
  const started = performance.now()
  const [command = '', ...rest] = step.command
  const result = spawnSync(command, rest, { cwd: step.cwd, encoding: 'utf8', env: process.env })
  const ok = result.status === 0
  failed += ok ? 0 : 1
  process.stdout.write(
    `${ok ? '✓' : '✗'} ${step.name} ${((performance.now() - started) / 1000).toFixed(1)} s\n`
  )
  if (!ok) process.stdout.write(`${result.stdout}${result.stderr}${result.error?.message ?? ''}\n`)
}
process.exitCode = failed > 0 ? 1 : 0

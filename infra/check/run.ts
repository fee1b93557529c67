/** `npm run check`: format, lint, types, svelte-check, import rules, translations, schema drift. A warning is an error. */
import { spawnSync } from 'node:child_process'

const bin = (name: string) => `node_modules/.bin/${name}`
const node = process.execPath

const STEPS: { name: string; command: string[]; cwd?: string }[] = [
  {
    name: 'format',
    command: [
      bin('prettier'),
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      'node_modules/.cache/format',
      '.'
    ]
  },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings', 'functions', 'infra', 'tests', 'web/src'] },
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'pages and translations', command: ['npm', 'run', '--silent', 'check'], cwd: 'web' },
  { name: 'imports', command: [node, 'infra/check/imports.ts'] },
  { name: 'schema', command: [node, 'infra/postgres/schema.ts', '--check'] },
  { name: 'openapi', command: [node, 'infra/check/openapi.ts', '--check'] }
]

let failed = 0
for (const step of STEPS) {
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

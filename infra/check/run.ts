/** `npm run check`: format, lint, types, svelte-check, import rules, translations, schema drift. A warning is an error. */
import { spawn } from 'node:child_process'

const bin = (name: string) => `node_modules/.bin/${name}`
const node = process.execPath

type Step = { name: string; command: string[]; cwd?: string }

const STEPS: Step[] = [
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

/** One step to its end: whether it is well, and what there is to say of it. */
function run(step: Step): Promise<boolean> {
  const started = performance.now()
  const [command = '', ...rest] = step.command
  const child = spawn(command, rest, { cwd: step.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  return new Promise((resolve) => {
    const ended = (ok: boolean) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      process.stdout.write(`${ok ? '✓' : '✗'} ${step.name} ${seconds} s\n${ok ? '' : `${said}\n`}`)
      resolve(ok)
    }
    child.once('error', (error) => {
      said += error.message
      ended(false)
    })
    child.once('close', (code) => ended(code === 0))
  })
}

async function inTurn(steps: Step[]): Promise<boolean> {
  let ok = true
  for (const step of steps) ok = (await run(step)) && ok
  return ok
}

// The pages take as long as all others, and one core.
const [pages, others] = await Promise.all([
  inTurn(STEPS.filter((step) => step.cwd === 'web')),
  inTurn(STEPS.filter((step) => step.cwd !== 'web'))
])
process.exitCode = pages && others ? 0 : 1

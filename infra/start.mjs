/**
 * npm start [-- --demo --port N --data DIR]
 *
 * The first script that runs: on whatever Node is there (20 or newer) it installs what is missing, builds the pages and
 * hands over to infra/runner under Node 26.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, prepare } from './prepare.mjs'
import { buildWeb } from './web-build.mjs'

const env = prepare()
buildWeb(env)
// Half of the time until the runner runs is compiling it.
env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules/.cache/portico-runner')
const args = [
  '--disable-warning=ExperimentalWarning',
  join(ROOT, 'infra/runner/main.ts'),
  ...process.argv.slice(2)
]

// Newer Nodes can become the runner; older ones stay as its parent, and a pipe tells it should they be killed.
if (process.execve) process.execve(NODE, [NODE, ...args], env)

const child = spawn(NODE, args, {
  stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  env: { ...env, PORTICO_PARENT_PIPE: '3' }
})
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
// Ctrl-C reaches the runner by itself, as it does us; other signals reach only us.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

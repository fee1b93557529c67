/** Runs one of our scripts under Node 26, whichever Node npm was called with: node infra/run.mjs SCRIPT [ARGUMENTS]. */
import { spawn } from 'node:child_process'
import { NODE, ROOT, prepare } from './prepare.mjs'

const env = prepare()
const child = spawn(NODE, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env
})
// Ctrl-C reaches the child by itself; others reach only us.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)))

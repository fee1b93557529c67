#!/usr/bin/env node
/**
 * portico backup | restore | doctor (docs/guide/backups.md)
 * portico upload | download | share | watch | events | s3 (docs/guide/cli.md)
 *
 * Runs on whatever Node is there, like infra/start.mjs, and hands over to infra/backup or infra/cli under Node 26.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, prepare } from './prepare.mjs'

const AT_THE_API = ['upload', 'download', 'share', 'watch', 'events', 's3']

const env = prepare()
const main = AT_THE_API.includes(process.argv[2] ?? '') ? 'infra/cli/main.ts' : 'infra/backup/main.ts'
const args = ['--disable-warning=ExperimentalWarning', join(ROOT, main), ...process.argv.slice(2)]
// Newer Nodes can become it, so that killing the command kills what it does.
if (process.execve) process.execve(NODE, [NODE, ...args], env)

const child = spawn(NODE, args, { stdio: 'inherit', env })
process.on('SIGINT', () => {}) // Ctrl-C reaches the child by itself
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)))

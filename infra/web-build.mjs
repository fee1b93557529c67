/** Builds the pages when they are missing or older than what they are made of. Node 20, Node's own modules only. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, giveUp } from './prepare.mjs'

const SOURCES = [
  'web/src',
  'web/static',
  'web/messages',
  'web/project.inlang',
  'web/vite.config.ts',
  'web/package.json',
  'web/scripts',
  'docs/help',
  'functions/_shared/contract',
  'package-lock.json'
]
/** Made by the build itself. */
const MADE = /^web\/(src\/lib\/paraglide|project\.inlang\/(cache|README|\.))/
const MARK = join(ROOT, 'web/build/.made-of')
const LOCK = join(ROOT, 'web/.building')

function* filesBelow(path) {
  if (MADE.test(path) || !existsSync(join(ROOT, path))) return
  if (statSync(join(ROOT, path)).isFile()) return void (yield path)
  for (const name of readdirSync(join(ROOT, path)).sort()) yield* filesBelow(`${path}/${name}`)
}

function sourceHash() {
  const hash = createHash('sha256')
  for (const source of SOURCES)
    for (const file of filesBelow(source)) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)))
  return hash.digest('hex')
}

const isFresh = () => existsSync(MARK) && readFileSync(MARK, 'utf8') === sourceHash()

/** Two starts at once: the second waits for the first one's build. */
function withLock(work) {
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch {
      const holder = Number(existsSync(LOCK) && readFileSync(LOCK, 'utf8'))
      if (holder && !isAlive(holder)) rmSync(LOCK, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
  try {
    work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Builds if need be. Ends the process with a sentence when the build fails. */
export function buildWeb(env) {
  if (isFresh()) return
  withLock(() => {
    if (isFresh()) return
    process.stdout.write('Building the pages …\n')
    const made_of = sourceHash()
    const result = spawnSync('npm', ['run', 'build', '--silent', '--workspace', 'web'], {
      cwd: ROOT,
      env: { ...env, NODE_ENV: 'production' },
      encoding: 'utf8'
    })
    if (result.status !== 0) {
      process.stderr.write(`${result.stdout}${result.stderr}`)
      rmSync(LOCK, { force: true })
      giveUp('The pages could not be built, see above.')
    }
    writeFileSync(MARK, made_of)
  })
}

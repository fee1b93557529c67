/**
 * A room for a function that reads strangers' bytes, by bubblewrap: no network, no processes but its own, no files but
 * the system's programs, its own code and its own secrets. A flaw in a parser then reaches the document that it reads
 * and others of the same kind, and not the database's password beside it.
 */
import { spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync
} from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SYSTEM_FOLDERS } from '../../functions/_shared/system-folders.ts'
import { temporaryFolder } from '../../functions/_shared/temporary-folder.ts'
import type { FunctionSpec } from './stack.ts'
import { wayToScanner, wayToStore } from './ways.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Milliseconds for a first try: a program that does nothing takes 60. */
const PATIENCE = 10_000
/** Entries of a room's folders that are counted; no function of ours has so many. */
const MANY = 10_000
/** Longest path of a socket (unix(7)). */
const LONGEST = 107
/** A file's place without its content, open(2): Linux, on every machine that Node runs on. */
const O_PATH = 0o10000000

export type Room = {
  /** Stands before the command: bubblewrap with its arguments. */
  command: string[]
  env: Record<string, string>
  /** Where the function listens, once it does. */
  address: () => string | null
  /** Bytes that lie where the function may write. */
  size: () => number
  remove: () => void
}

export type Rooms = {
  /** @param env with the function's folders as they lie outside; `script`: started in place of our hall */
  open: (spec: FunctionSpec, env: Record<string, string>, script: string) => Room
  close: () => Promise<void>
}

/** What the system forbids, or does not have, in words for the person at the terminal. */
export type NoRooms = { missing: string }

export type RoomWish = { store: string; clamav: { host: string; port: number } | null }

const WALLS = [
  'bwrap',
  '--unshare-user',
  '--unshare-all',
  '--die-with-parent',
  ...['--uid', '1000', '--gid', '1000', '--hostname', 'portico', '--cap-drop', 'ALL'],
  ...SYSTEM_FOLDERS.flatMap((path) => ['--ro-bind', path, path]),
  ...['--proc', '/proc', '--dev', '/dev', '--ro-bind', process.execPath, '/app/node']
]
/** The little that lies at the top, /dev/shm too, is memory without a limit. */
const CLOSED = ['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/app']

/** Tries whether there can be rooms on this machine: null, or why not. */
export async function tryRooms(): Promise<string | null> {
  if (process.platform !== 'linux') return 'this system has no bubblewrap'
  const { code, said } = await run([...WALLS, ...CLOSED, '--', '/app/node', '--version'])
  if (code === 0) return null
  return code === null
    ? 'bubblewrap is not installed (apt install bubblewrap)'
    : `bubblewrap cannot work here (${said.trim().split('\n').at(-1)?.slice(0, 200)})`
}

/** Once for this process: a second call would throw away what the first one's rooms hold. */
let base: string | undefined

/** Opens the ways out; a room for each start of a function comes with `open`. */
export async function openRooms(wish: RoomWish): Promise<Rooms | NoRooms> {
  const missing = await tryRooms()
  if (missing !== null) return { missing }
  base ??= temporaryFolder('rooms')
  const folder = mkdtempSync(join(base, 'r'))
  const ways: { name: string; server: Server }[] = [{ name: 'store', server: wayToStore(wish.store) }]
  if (wish.clamav) ways.push({ name: 'scanner', server: wayToScanner(wish.clamav) })
  const path = (name: string) => join(folder, `${name}.sock`)
  if (path('scanner').length > LONGEST) return { missing: `the path of ${folder} is too long: set TMPDIR` }
  for (const { name, server } of ways)
    await new Promise<void>((done, fail) => server.once('error', fail).listen(path(name), done))
  // Smaller rooms inside are for LibreOffice alone: a second kernel interface is nothing for strangers' bytes.
  const canLock = (await run(['bwrap', '--help'])).said.includes('--disable-userns')
  return {
    open: (spec, env, script) => {
      const own = mkdtempSync(join(folder, spec.name))
      const cache = env.NODE_COMPILE_CACHE
      for (const one of [join(own, 'at'), join(own, 'tmp'), ...(cache ? [cache] : [])])
        mkdirSync(one, { recursive: true, mode: 0o700 })
      const scans = wish.clamav !== null && Boolean(spec.environment.CLAMAV_HOST)
      let held: number | null = null
      return {
        command: [
          ...WALLS,
          ...['--as-pid-1', '--info-fd', '3'],
          ...(spec.sandbox === 'true' && canLock ? ['--disable-userns'] : []),
          ...['package.json', 'node_modules', 'functions/_shared', `functions/${spec.name}`].flatMap(
            (part) => (existsSync(join(ROOT, part)) ? ['--ro-bind', join(ROOT, part), `/app/${part}`] : [])
          ),
          ...['--ro-bind', script, scriptInside(script)],
          ...(env.secret_mount_path ? ['--ro-bind', env.secret_mount_path, '/run/secrets'] : []),
          ...(cache ? ['--bind', cache, '/run/cache'] : []),
          ...['--bind', join(own, 'at'), '/run/room', '--bind', join(own, 'tmp'), '/tmp'],
          ...['--ro-bind', path('store'), '/run/store.sock'],
          ...(scans ? ['--ro-bind', path('scanner'), '/run/scanner.sock'] : []),
          ...[...CLOSED, '--', '/app/node']
        ],
        env: {
          ...env,
          ...(env.secret_mount_path && { secret_mount_path: '/run/secrets' }),
          ...(cache && { NODE_COMPILE_CACHE: '/run/cache' }),
          ...(scans && { CLAMAV_SOCKET: '/run/scanner.sock' }),
          STORE_SOCKET: '/run/store.sock',
          LISTEN_SOCKET: '/run/room/http.sock'
        },
        address: () => {
          held ??= holdSocket(join(own, 'at', 'http.sock'))
          return held === null ? null : `/proc/self/fd/${held}`
        },
        size: () => sizeOf(own) + (cache ? sizeOf(cache) : 0),
        remove: () => {
          if (held !== null) closeSync(held)
          held = null
          rmSync(own, { recursive: true, force: true })
        }
      }
    },
    close: async () => {
      await Promise.all(ways.map(({ server }) => new Promise((done) => server.close(done))))
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Our own scripts lie inside where they lie outside; a test's lies beside them. */
export const scriptInside = (script: string): string =>
  script.startsWith(ROOT) ? `/app/${script.slice(ROOT.length)}` : '/app/script.mjs'

/**
 * Takes hold of the socket that lies there now. Its path is the function's to write: put a link in its place, and the
 * next call would go, with the runner's rights, to a socket of somebody else's.
 */
function holdSocket(path: string): number | null {
  let fd: number
  try {
    fd = openSync(path, O_PATH | constants.O_NOFOLLOW)
  } catch {
    return null // not there yet
  }
  if (fstatSync(fd).isSocket()) return fd
  closeSync(fd)
  return null
}

/** Bytes below a folder that somebody else writes to; without an end for one with more entries than could be. */
function sizeOf(folder: string): number {
  let [bytes, entries] = [0, 0]
  const open = [folder]
  try {
    for (let path = open.pop(); path !== undefined; path = open.pop())
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        entries += 1
        if (entries > MANY) return Infinity
        const one = join(path, entry.name)
        if (entry.isDirectory()) open.push(one)
        else bytes += lstatSync(one, { throwIfNoEntry: false })?.size ?? 0
      }
  } catch {
    // Gone while we looked: the next look counts anew.
  }
  return bytes
}

/** `code` null: there is no such program. */
function run(command: string[]): Promise<{ code: number | null; said: string }> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH },
    timeout: PATIENCE,
    killSignal: 'SIGKILL'
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  return new Promise((done) => {
    child.once('error', () => done({ code: null, said }))
    child.once('close', (code) => done({ code: code ?? 1, said }))
  })
}

/**
 * Office files through an installed LibreOffice, whose PDF is then shown like any other. It reads what strangers wrote
 * with a program of ten million lines, so it gets nothing to reach for: an empty profile that is thrown away, no macros,
 * no linked files; and, where bubblewrap works, no network, no home, no secrets, just its own program and the one file.
 */
import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { config } from '../_shared/config.ts'
import { log } from '../_shared/log.ts'
import { InputAway } from '../_shared/parser.ts'
import { SYSTEM_FOLDERS } from '../_shared/system-folders.ts'
import { runBounded } from './bounded.ts'
import { requireSmallContainer } from './container.ts'
import { PageFailed } from './drawn.ts'
import { PROFILE } from './office-profile.ts'

/** Milliseconds; with the first page after it a call stays below its 30 s. */
const TIME = 17_000
/** Bytes; 140 MB are what it takes for a page. */
const MEMORY = 300 * 1024 * 1024

const USUAL = [
  ...config.path.split(delimiter).map((folder) => join(folder, 'soffice')),
  '/usr/lib/libreoffice/program/soffice',
  '/opt/libreoffice/program/soffice',
  '/Applications/LibreOffice.app/Contents/MacOS/soffice'
]

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const found = config.office_converter === 'none' ? null : [config.office_converter, ...USUAL].find(isProgram)

/** One at a time: two need more memory than there is. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Makes a PDF of the file, in its place, after a look at how much would be unpacked.
 *
 * @param ending by which LibreOffice knows what it is
 * @throws PageFailed unsupported (no converter), broken, too_complex; InputAway when the caller has gone
 */
export async function officeToPdf(path: string, ending: string, signal: AbortSignal): Promise<void> {
  await requireSmallContainer(path, signal)
  if (!found) throw new PageFailed('unsupported', 'no_office_converter', true)
  const turn = last.then(() => convert(found, path, ending, signal))
  last = turn.catch(() => undefined)
  return turn
}

async function convert(soffice: string, path: string, ending: string, signal: AbortSignal): Promise<void> {
  const folder = `${path}.office`
  try {
    mkdirSync(join(folder, 'profile', 'user'), { recursive: true, mode: 0o700 })
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'profile', 'user', 'registrymodifications.xcu'), PROFILE)
    renameSync(path, join(folder, `input.${ending}`))
    const [command = '', ...args] = [...(await wall(folder)), soffice, ...argumentsFor(folder, ending)]
    const run = await runBounded(command, args, {
      env: { PATH: '/usr/bin:/bin', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', SAL_USE_VCLPLUGIN: 'svp' },
      cwd: folder,
      time: TIME,
      memory: MEMORY,
      signal
    })
    if (run.ended === 'aborted') throw new InputAway('the caller has gone')
    if (run.ended === 'time' || run.ended === 'memory') throw new PageFailed('too_complex', run.ended, true)
    const [made] = readdirSync(join(folder, 'out'))
    if (made === undefined) throw new PageFailed('broken', 'not_convertible', true)
    renameSync(join(folder, 'out', made), path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const argumentsFor = (folder: string, ending: string): string[] => [
  '--headless',
  '--norestore',
  '--nologo',
  '--nodefault',
  '--nolockcheck',
  `-env:UserInstallation=file://${folder}/profile`,
  '--convert-to',
  'pdf',
  '--outdir',
  join(folder, 'out'),
  join(folder, `input.${ending}`)
]

let walls: Promise<string[] | null> | undefined

/** What stands before the command: a room with the system's programs, and the one folder that may be written. */
async function wall(folder: string): Promise<string[]> {
  walls ??= findWall()
  const found = await walls
  return found ? [...found, '--bind', folder, folder, '--'] : []
}

const ROOM = [
  'bwrap',
  '--unshare-all',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
  ...SYSTEM_FOLDERS.flatMap((path) => ['--ro-bind', path, path]),
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp'
]

/**
 * Where /proc comes from: one of its own, or, where this process is in a room itself that root made, the outer room's:
 * there the kernel refuses a second one. LibreOffice does not start without.
 */
const PROC = [
  ['--proc', '/proc'],
  ['--ro-bind', '/proc', '/proc']
]

/** The walls that can be built here. Containers often forbid what bubblewrap needs; there the container is the wall. */
async function findWall(): Promise<string[] | null> {
  for (const proc of PROC) {
    const [command = '', ...args] = [...ROOM, ...proc]
    const bounds = { env: { PATH: '/usr/bin:/bin' }, time: 3_000, memory: MEMORY }
    const run = await runBounded(command, [...args, '--', '/usr/bin/true'], bounds)
    if (run.ended === 'well') return [command, ...args]
  }
  log.info('office_without_bubblewrap')
  return null
}

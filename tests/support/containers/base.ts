/** Images made of this machine's own files: a program, the libraries it is linked with, and what else it needs. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync
} from 'node:fs'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { onPath } from '../../../infra/minio/find.ts'
import type { Engine } from './engine.ts'

/** Parts of the C library that every system has, linked with or not. */
const GLIBC = ['librt.so.1', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'libresolv.so.2', 'libutil.so.1']

export type Contents = {
  /** Programs, by name or path; they lie in /usr/local/bin there. */
  programs: string[]
  /** Files and folders, and where they lie there. */
  copies?: Record<string, string>
  /** Small files, by their place. */
  files?: Record<string, string>
  links?: Record<string, string>
  /** Folders of whom (uid), for volumes. */
  folders?: Record<string, number>
  /** As `docker import --change` takes them. */
  changes?: string[]
}

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt'

/** Makes the image and answers its name. */
export function importImage(engine: Engine, tag: string, contents: Contents): string {
  const root = mkdtempSync(join(tmpdir(), 'portico-image-'))
  chmodSync(root, 0o755)
  try {
    fill(root, contents)
    const changes = contents.changes?.map((change) => `--change ${quote(change)}`).join(' ') ?? ''
    engine.shell(`tar -C ${quote(root)} --numeric-owner -c . | docker import ${changes} - ${quote(tag)}`)
    return tag
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function fill(root: string, { programs, copies = {}, files = {}, links = {}, folders = {} }: Contents): void {
  const inside = (place: string): string => {
    mkdirSync(dirname(join(root, place)), { recursive: true })
    return join(root, place)
  }
  const linked = new Set<string>()
  for (const name of programs) {
    const path = name.startsWith('/') ? name : onPath(name)
    if (!path) throw new Error(`no ${name} on this machine`)
    cpSync(realpathSync(path), inside(`/usr/local/bin/${basename(path)}`))
    for (const library of librariesOf(path)) linked.add(library)
  }
  for (const [from, to] of Object.entries(copies)) {
    cpSync(from, inside(to), {
      recursive: true,
      verbatimSymlinks: true,
      dereference: lstatSync(from).isSymbolicLink()
    })
    for (const file of linkedBelow(from)) for (const library of librariesOf(file)) linked.add(library)
  }
  for (const library of linked)
    if (basename(library).startsWith('libc.so'))
      for (const part of GLIBC) linked.add(join(dirname(library), part))
  for (const library of linked)
    if (!existsSync(join(root, library))) cpSync(realpathSync(library), inside(library))
  mkdirSync(join(root, 'tmp'), { mode: 0o777, recursive: true })
  chmodSync(join(root, 'tmp'), 0o1777)
  symlinkSync('usr/local/bin', join(root, 'bin')) // scripts begin with #!/bin/sh
  symlinkSync('local/bin', join(root, 'usr/bin'))
  if (existsSync(BUNDLE)) cpSync(BUNDLE, inside(BUNDLE), { dereference: true })
  const people =
    'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nservice:x:999:999::/:/bin/sh\n'
  const all = { '/etc/passwd': people, '/etc/group': 'root:x:0:\nnode:x:1000:\nservice:x:999:\n', ...files }
  for (const [place, text] of Object.entries(all))
    writeFileSync(inside(place), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  for (const [place, to] of Object.entries(links)) symlinkSync(to, inside(place))
  for (const [place, uid] of Object.entries(folders)) {
    mkdirSync(inside(place), { recursive: true })
    spawnSync('chown', [`${uid}:${uid}`, join(root, place)])
  }
}

/** Shared libraries of a program, with the loader; none for what is linked statically, and for scripts. */
function librariesOf(path: string): string[] {
  const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' })
  return [...stdout.matchAll(/(\/\S+\.so\S*)/g)].map(([, library]) => library ?? '')
}

function linkedBelow(folder: string): string[] {
  const { stdout } = spawnSync(
    'find',
    [folder, '-type', 'f', '(', '-perm', '-u+x', '-o', '-name', '*.so*', ')'],
    {
      encoding: 'utf8'
    }
  )
  return stdout
    .split('\n')
    .filter((file) => file !== '' && readFileSync(file).subarray(1, 4).toString() === 'ELF')
}

/** What the Dockerfile's commands call. */
const TOOLS = 'sh bash env ls cat cp rm mkdir chmod find sort grep sed readlink uname id'.split(' ')

/** In the place of node:26-bookworm-slim: our Node 26, this machine's npm. `npm ci` trusts what this machine trusts. */
export function importNode(engine: Engine, tag: string): string {
  // Made anew it would be another one to the engine, and every layer upon it built again.
  if (engine.docker('image', 'ls', '--quiet', tag) !== '') return tag
  const npm = dirname(dirname(realpathSync(onPath('npm') ?? '')))
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim()
  return importImage(engine, tag, {
    programs: [...TOOLS, process.execPath],
    copies: { [npm]: '/usr/local/lib/node_modules/npm', '/usr/bin/ldd': '/usr/local/bin/ldd' },
    links: { '/usr/local/bin/npm': '../lib/node_modules/npm/bin/npm-cli.js' },
    folders: { '/home/node': 1000 },
    changes: [
      'ENV PATH=/usr/local/bin',
      `ENV NODE_EXTRA_CA_CERTS=${BUNDLE}`,
      `ENV npm_config_registry=${registry}`,
      'CMD ["node"]'
    ]
  })
}

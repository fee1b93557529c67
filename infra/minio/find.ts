/** Where the object store's program comes from: the PATH, the user's cache, Go, Docker; in this order. */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** MinIO's last published source: the project is archived. pgsty/silo is the fork that lives on. */
export const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c'
const IMAGE = 'minio/minio:RELEASE.2025-09-07T16-13-09Z'

/** How to start the store: a program, or Docker with an image. */
export type StoreProgram = { kind: 'binary'; path: string } | { kind: 'docker'; path: string; image: string }

/** No way to a store; the message names them all. */
export class NoStore extends Error {}

/** The first executable file of that name on the PATH. */
export function onPath(name: string): string | null {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  return places.find((place) => isExecutable(place)) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The folder of the built program, shared by all of this user's Porticos. */
export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'portico', `minio-${VERSION}`)

/** What is there already; null when something has to be built or fetched first. */
export function findInstalled(): StoreProgram | null {
  const cached = join(cacheFolder(), 'minio')
  const path = onPath('minio') ?? (isExecutable(cached) ? cached : null)
  return path === null ? null : { kind: 'binary', path }
}

/**
 * Finds the store, or builds it.
 *
 * @param say told, in plain words, what takes long
 * @throws NoStore
 */
export async function findStore(say: (line: string) => void): Promise<StoreProgram> {
  const installed = findInstalled()
  if (installed) return installed
  const go = onPath('go') ?? ['/usr/local/go/bin/go', '/opt/homebrew/bin/go'].find((path) => existsSync(path))
  let failure = ''
  if (go) {
    try {
      return { kind: 'binary', path: await build(go, say) }
    } catch (error) {
      failure = ` Building it with Go failed: ${error instanceof Error ? error.message : String(error)}.`
    }
  }
  const docker = onPath('docker')
  if (docker && spawnSync(docker, ['info'], { stdio: 'ignore' }).status === 0) {
    say(`Fetching the object store's image (${IMAGE}) …`)
    return { kind: 'docker', path: docker, image: IMAGE }
  }
  throw new NoStore(
    `There is no object store to start.${failure} Install Go (Portico then builds MinIO itself), or MinIO, or Docker, or set S3_ENDPOINT, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY to one that runs.`
  )
}

/** Builds into a folder of its own and moves it into place at the end: a build that was killed leaves nothing. */
async function build(go: string, say: (line: string) => void): Promise<string> {
  say('Building the object store (MinIO) from source, once; this takes one to five minutes …')
  const folder = cacheFolder()
  mkdirSync(folder, { recursive: true })
  const temporary = mkdtempSync(join(folder, 'build-'))
  try {
    const args = ['install', '-v', '-trimpath', '-ldflags=-s -w', `github.com/minio/minio@${VERSION}`]
    const child = spawn(go, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, GOBIN: temporary, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
    })
    let last = ''
    let packages = 0
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line
      packages += 1
      if (packages % 200 === 0) say(`  … ${packages} packages`)
    })
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    if (code !== 0) throw new Error(last || `go ended with ${String(code)}`)
    const path = join(folder, 'minio')
    renameSync(join(temporary, 'minio'), path)
    return path
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

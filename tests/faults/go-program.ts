/** Programs that only tests need: got by Go once, kept in the user's cache beside the store's. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { onPath } from '../../infra/minio/find.ts'

/** @param installed what the program is called where somebody has installed it */
export type GoProgram = { installed: string; module: string; version: string }

/** The program's path, built if need be (minutes); null where there is neither it nor Go. */
export function findGoProgram({ installed, module, version }: GoProgram): string | null {
  const there = onPath(installed)
  if (there) return there
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'portico', `${installed}-${version}`)
  const program = join(folder, installed)
  if (existsSync(program)) return program
  const go = onPath('go') ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : null)
  if (!go) return null
  mkdirSync(folder, { recursive: true })
  const temporary = mkdtempSync(join(folder, 'build-'))
  try {
    const env = { ...process.env, GOBIN: temporary, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
    const { status } = spawnSync(go, ['install', '-trimpath', `${module}@${version}`], {
      env,
      stdio: ['ignore', 'ignore', 'inherit']
    })
    if (status !== 0) return null
    renameSync(join(temporary, basename(module)), program)
    return program
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

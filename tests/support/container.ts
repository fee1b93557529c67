/**
 * A function as its container would run it: only its own folder and _shared, a root that cannot be written, /tmp that
 * can, secrets as files, its own user. With bubblewrap where there is one (CI); else a bare copy of the folder.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../infra/runner/ports.ts'
import type { FunctionSpec } from '../../infra/runner/stack.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SYSTEM = ['/usr', '/bin', '/lib', '/lib64', '/etc'].filter((folder) => existsSync(folder))
const SECRETS = '/var/openfaas/secrets'

export type Container = {
  url: string
  process: ChildProcess
  /** What it wrote to its log so far. */
  log: () => string
  /** Resolves when it has ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  remove: () => Promise<void>
}

/** Whether the root file system can really be made read-only here. */
export const hasBubblewrap: boolean =
  spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-user', 'true']).status === 0

/** The image's content: what template/portico/Dockerfile copies. */
export function imageOf(name: string): string {
  const image = mkdtempSync(join(tmpdir(), 'portico-image-'))
  cpSync(join(ROOT, 'package.json'), join(image, 'package.json'))
  for (const folder of ['functions/_shared', `functions/${name}`])
    cpSync(join(ROOT, folder), join(image, folder), { recursive: true })
  mkdirSync(join(image, 'node_modules'))
  return image
}

/** Starts it; nothing is awaited but the process itself. */
export async function startContainer(
  spec: FunctionSpec,
  secrets: Record<string, string>,
  environment: Record<string, string> = {}
): Promise<Container> {
  const image = imageOf(spec.name)
  const mount = mkdtempSync(join(tmpdir(), 'portico-mount-'))
  for (const [name, value] of Object.entries(secrets))
    writeFileSync(join(mount, name), value, { mode: 0o400 })
  const port = await freePort()
  const env = {
    ...spec.environment,
    ...environment,
    FUNCTION: spec.name,
    NODE_ENV: 'production',
    PORT: String(port),
    ...(hasBubblewrap ? {} : { secret_mount_path: mount })
  }
  const child = hasBubblewrap ? inBubblewrap(image, mount, env) : bare(image, env)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (log += chunk))
  const exited: Container['exited'] = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal }))
  )
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    log: () => log,
    exited,
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      for (const folder of [image, mount]) rmSync(folder, { recursive: true, force: true })
    }
  }
}

const SERVE = ['--disable-warning=ExperimentalWarning', 'functions/_shared/serve.ts']

function inBubblewrap(image: string, mount: string, env: Record<string, string>): ChildProcess {
  const readOnly = (from: string, to: string) => ['--ro-bind', from, to]
  const args = [
    ...SYSTEM.flatMap((folder) => readOnly(folder, folder)),
    ...readOnly(image, '/home/app'),
    ...readOnly(join(ROOT, 'node_modules'), '/home/app/node_modules'),
    ...readOnly(mount, SECRETS),
    ...readOnly(process.execPath, '/node'),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--remount-ro', '/'],
    ...['--unshare-user', '--uid', '1000', '--unshare-ipc', '--chdir', '/home/app', '--die-with-parent'],
    ...['--clearenv', ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])]
  ]
  return spawn('bwrap', [...args, '/node', ...SERVE], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Packages are found by the repository's own node_modules, which lies beside the copy as a link. */
function bare(image: string, env: Record<string, string>): ChildProcess {
  rmSync(join(image, 'node_modules'), { recursive: true })
  spawnSync('ln', ['-s', join(ROOT, 'node_modules'), join(image, 'node_modules')])
  return spawn(process.execPath, SERVE, { cwd: image, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

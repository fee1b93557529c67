/** One function as a container, with what compose and the chart give it: a read-only root, no rights, its limit of memory. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../infra/runner/ports.ts'
import type { FunctionSpec } from '../../../infra/runner/stack.ts'
import { imageName } from './build.ts'
import type { Engine } from './engine.ts'

export type Box = {
  id: string
  url: string
  log: () => string
  hasEnded: () => boolean
  /** SIGTERM, as an orchestrator sends it. */
  terminate: () => void
  /** What it ended with; waits for it. */
  exitCode: () => number
  /** Runs Node inside it and answers what was printed. */
  node: (script: string) => string
  remove: () => void
}

/** Started on this machine's own network: the test's database listens nowhere else. */
export async function startBox(
  engine: Engine,
  spec: FunctionSpec,
  secrets: Record<string, string>
): Promise<Box> {
  const mount = mkdtempSync(join(tmpdir(), 'portico-mount-'))
  chmodSync(mount, 0o755)
  for (const [name, value] of Object.entries(secrets))
    writeFileSync(join(mount, name), value, { mode: 0o444 })
  const port = await freePort()
  const environment = { ...spec.environment, PORT: String(port) }
  const id = engine
    .docker(
      ...['run', '--detach', '--network', 'host', '--read-only', '--cap-drop', 'ALL'],
      ...['--security-opt', 'no-new-privileges:true', '--tmpfs', '/tmp:size=256m,mode=1777'],
      ...['--memory', String(spec.memory), '--memory-swap', String(spec.memory), '--pids-limit', '100'],
      ...['--volume', `${mount}:/var/openfaas/secrets:ro`],
      ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      imageName(spec.name)
    )
    .trim()
  return {
    id,
    url: `http://127.0.0.1:${port}`,
    log: () => engine.docker('logs', id),
    hasEnded: () => engine.docker('inspect', '--format', '{{.State.Running}}', id).trim() === 'false',
    terminate: () => void engine.docker('kill', '--signal', 'TERM', id),
    exitCode: () => Number(engine.docker('wait', id)),
    node: (script) => engine.docker('exec', id, 'node', '-e', script).trim(),
    remove: () => {
      engine.docker('rm', '--force', id)
      rmSync(mount, { recursive: true, force: true })
    }
  }
}

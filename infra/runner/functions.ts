/** A process per function: started at its first call (or at once), stopped when idle, replaced when it dies. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { excessOf } from './excess.ts'
import { LogFile } from './log-file.ts'
import { freePort } from './ports.ts'
import { end, launch, longer, pidInside, signal } from './process.ts'
import { type Room, type Rooms, scriptInside } from './room.ts'
import type { FunctionSpec } from './stack.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Milliseconds. */
const START = 30_000
const DRAIN = 10_000
const PROBE = 3_000
const LOOK = 2_000

/** One running process of a function. */
export type Running = {
  spec: FunctionSpec
  port: number
  /** In place of the port, for what runs in a room. */
  socket: string | null
  room: Room | null
  agent: Agent
  child: ChildProcess
  /** Of the function itself, whatever stands around it. */
  pid: number
  /** Calls under way. */
  calls: number
  used_at: number
}

/** The function cannot be had right now; its log says why. */
export class NotStarted extends Error {}

/** Whatever stood in its way, a full disk too: the function is not there, and whoever calls is not to blame. */
function notStarted({ spec, log }: Slot, cause: unknown): NotStarted {
  if (cause instanceof NotStarted) return cause
  log.write(
    `${JSON.stringify({ level: 'error', function: spec.name, event: 'not_started', reason: String(cause) })}\n`
  )
  return new NotStarted(`${spec.name} could not be started`, { cause })
}

type Slot = {
  spec: FunctionSpec
  log: LogFile
  running: Running | undefined
  starting: Promise<Running> | undefined
  /** Milliseconds to wait before the next start after one that failed, and until when. */
  pause: number
  not_before: number
  count: number
}

export type PoolOptions = {
  /** Environment of a function besides its stack.yml entry. */
  env: (spec: FunctionSpec) => Record<string, string>
  logs: string
  /** For the functions that read strangers' bytes; null: there are none here. */
  rooms?: Rooms | null
  /** What is started for each; our own hall unless said otherwise. */
  script?: string
}

export class FunctionPool {
  readonly #slots: Map<string, Slot>
  readonly #options: PoolOptions
  readonly #timer: NodeJS.Timeout
  #stopped = false

  constructor(specs: FunctionSpec[], options: PoolOptions) {
    this.#options = options
    this.#slots = new Map(
      specs.map((spec) => [
        spec.name,
        {
          spec,
          log: new LogFile(join(options.logs, `${spec.name}.log`)),
          running: undefined,
          starting: undefined,
          pause: 0,
          not_before: 0,
          count: 0
        }
      ])
    )
    this.#timer = setInterval(() => this.#look(), LOOK)
  }

  has(name: string): boolean {
    return this.#slots.has(name)
  }

  spec(name: string): FunctionSpec | undefined {
    return this.#slots.get(name)?.spec
  }

  /** The function's process, started if need be; concurrent first calls share one start. Throws NotStarted. */
  async acquire(name: string): Promise<Running> {
    const slot = this.#slots.get(name)
    if (!slot || this.#stopped) throw new NotStarted(name)
    const running = slot.running ?? (await (slot.starting ??= this.#start(slot)))
    running.calls += 1
    running.used_at = Date.now()
    slot.count += 1
    return running
  }

  release(running: Running): void {
    running.calls -= 1
    running.used_at = Date.now()
  }

  /** A process that does not even answer its health check hangs or is dying: once this resolves it gets no more calls. */
  async endIfHung(running: Running): Promise<void> {
    if (await answers(running, '/_/health', PROBE)) return
    const { child, pid } = running
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    signal(child, pid, 'SIGKILL')
    await ended
  }

  /** What OpenFaaS's /system/functions tells. */
  list(): { name: string; replicas: number; invocationCount: number; pid: number | null }[] {
    return [...this.#slots.values()].map((slot) => ({
      name: slot.spec.name,
      replicas: slot.running ? 1 : 0,
      invocationCount: slot.count,
      pid: slot.running?.pid ?? null
    }))
  }

  /** Starts what should be there before anybody calls. Throws NotStarted. */
  async startEager(): Promise<void> {
    const eager = [...this.#slots.values()].filter((slot) => slot.spec.is_eager)
    await Promise.all(eager.map(async (slot) => this.release(await this.acquire(slot.spec.name))))
  }

  /** Drains and ends all. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    const slots = [...this.#slots.values()]
    await Promise.all(slots.map((slot) => slot.starting?.catch(() => undefined)))
    await Promise.all(slots.map((slot) => slot.running && end(slot.running.child, DRAIN, slot.running.pid)))
    await Promise.all(slots.map((slot) => slot.log.close()))
  }

  async #start(slot: Slot): Promise<Running> {
    try {
      if (Date.now() < slot.not_before) throw new NotStarted(`${slot.spec.name} failed to start a moment ago`)
      // Once more: between finding a free port and listening there, another program may have taken it.
      slot.running = await this.#launch(slot)
        .catch(() => this.#launch(slot))
        .catch((cause: unknown): never => {
          throw notStarted(slot, cause)
        })
      slot.pause = 0
      return slot.running
    } catch (error) {
      if (Date.now() >= slot.not_before) {
        slot.pause = longer(slot.pause)
        slot.not_before = Date.now() + slot.pause
      }
      throw error
    } finally {
      slot.starting = undefined
    }
  }

  async #launch(slot: Slot): Promise<Running> {
    const { spec, log } = slot
    const script = this.#options.script ?? join(ROOT, 'functions/_shared/serve.ts')
    const outside = this.#options.env(spec)
    const rooms = spec.sandbox === 'false' ? null : this.#options.rooms
    const room = rooms?.open(spec, outside, script) ?? null
    const port = room ? 0 : await freePort()
    const child = launch(
      {
        args: [room ? scriptInside(script) : script],
        cwd: ROOT,
        env: {
          ...spec.environment,
          ...(room?.env ?? outside),
          FUNCTION: spec.name,
          HOST: '127.0.0.1',
          PORT: String(port)
        },
        ...(room && { before: room.command })
      },
      log
    )
    const running: Running = {
      spec,
      port,
      socket: null,
      room,
      child,
      pid: child.pid ?? 0,
      agent: new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 30_000 }),
      calls: 0,
      used_at: Date.now()
    }
    let ended = false
    const onEnd = () => {
      ended = true
      running.agent.destroy()
      room?.remove()
      if (slot.running === running) this.#lost(slot)
    }
    child.once('exit', onEnd).once('error', onEnd)
    if (room) running.pid = await pidInside(child)
    await wait(60) // Node itself needs that long
    for (const deadline = Date.now() + START; Date.now() < deadline; await wait(8)) {
      if (ended) throw new NotStarted(`${spec.name} ended while it started: see its log`)
      running.socket ??= room?.address() ?? null
      if (room && !running.socket) continue
      if (await answers(running, '/_/ready', 2_000)) return running
    }
    signal(child, running.pid, 'SIGKILL')
    throw new NotStarted(`${spec.name} was not ready within ${START / 1000} s: see its log`)
  }

  /** It died by itself. What must always be there comes back at once, the others at their next call. */
  #lost(slot: Slot): void {
    slot.running = undefined
    if (!slot.spec.is_eager || this.#stopped) return
    const again = () => {
      if (this.#stopped || slot.running || slot.starting) return
      slot.starting = this.#start(slot)
      slot.starting.catch(() => setTimeout(again, slot.pause).unref())
    }
    again()
  }

  #look(): void {
    for (const slot of this.#slots.values()) {
      const running = slot.running
      if (!running) continue
      const rests = running.calls === 0 && Date.now() - running.used_at > (slot.spec.idle ?? Infinity) * 1000
      if (rests) {
        slot.running = undefined
        void end(running.child, DRAIN, running.pid)
        continue
      }
      const event = excessOf(slot.spec, running.pid, running.room)
      if (event === null) continue
      slot.log.write(`${JSON.stringify({ level: 'error', function: slot.spec.name, event })}\n`)
      signal(running.child, running.pid, 'SIGKILL')
    }
  }
}

/** Whether a GET is answered with 200 within so many milliseconds. Never rejects. */
function answers(running: Running, path: string, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const at = running.socket ? { socketPath: running.socket } : { host: '127.0.0.1', port: running.port }
    const asked = get({ ...at, path, timeout: patience }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
  })
}

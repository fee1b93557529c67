/** Waiting for what the portal does by itself, each time with an end. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from './stage.ts'

/** Asks again and again. Throws when it is not so within `seconds`. */
export async function until(
  seconds: number,
  what: string,
  isSo: () => boolean | Promise<boolean>
): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await wait(300)) if (await isSo()) return
  throw new Error(`not within ${seconds} s: ${what}`)
}

/** No job waits or runs, but for the clock's. */
export const atRest = ({ inside }: Stage, seconds: number): Promise<void> =>
  until(seconds, 'the pipeline comes to rest', async () => {
    const open = await inside.query(
      `select from job where state in ('ready', 'active') and kind not in ('clock', 'notify') limit 1`
    )
    return open.length === 0
  })

/** The store has told all that it still knows, and the echo all that it was to say again. */
export async function eventsDrained(stage: Stage, seconds: number): Promise<void> {
  await until(seconds, 'the store tells its events', () => stage.waitingEvents() === 0)
  await until(seconds, 'the echo says them again', stage.echo.isEmpty)
  await wait(3_000) // what the store is about to write into its queue
  await until(seconds, 'the store tells its last events', () => stage.waitingEvents() === 0)
  await atRest(stage, seconds)
}

/** Reconciliation once, to its end. */
export async function reconcile(stage: Stage, seconds: number): Promise<void> {
  await stage.inside.reconcileAgain()
  await until(seconds, 'reconciliation ends', async () => {
    const open = await stage.inside.query(
      `select from job where kind = 'clock' and unique_key like 'reconcile%' and state in ('ready', 'active')`
    )
    return open.length === 0
  })
  await atRest(stage, seconds)
}

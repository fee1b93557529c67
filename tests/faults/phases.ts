/** What the campaign does in turn. Each phase ends at rest and says what it found. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gaps } from './compare.ts'
import { narrow, unmount } from './disk.ts'
import { atRest, eventsDrained, reconcile, until } from './rest.ts'
import type { Run } from './run.ts'

/** How many of each part's kills fall into a phase; the first takes what is left. */
const ALONE = 0.2
/** Files that fit into the store's queue while it is narrow. */
const NARROW = 6

const killsAlone = (run: Run): number => Math.floor(run.wish.kills * ALONE)

async function together(run: Run): Promise<void> {
  const { wish, stage } = run
  await run.phase({
    name: 'all together',
    ways: ['completed', 'completed', 'completed', 'put', 'drop'],
    share: 0.6,
    kills: wish.kills - 3 * killsAlone(run)
  })
  await atRest(stage, wish.rest)
  await eventsDrained(stage, wish.rest)
  await reconcile(stage, wish.rest)
  await nothingMissing(run, 'all together and one reconciliation')
}

async function apiAlone(run: Run): Promise<void> {
  const { wish, stage } = run
  await stage.inside.deafen()
  await stage.inside.stopReconciling()
  try {
    await run.phase({ name: 'API alone', ways: ['completed'], share: 0.1, kills: killsAlone(run) })
    await atRest(stage, wish.rest)
    await nothingMissing(run, 'API completion alone')
  } finally {
    await stage.inside.hear()
  }
  await reconcile(stage, wish.rest)
  await eventsDrained(stage, wish.rest)
}

async function reconciliationAlone(run: Run): Promise<void> {
  const { wish, stage } = run
  await stage.inside.deafen()
  try {
    const kills = killsAlone(run)
    await run.phase({ name: 'reconciliation alone', ways: ['put', 'put', 'drop'], share: 0.1, kills })
    await reconcile(stage, wish.rest)
    await nothingMissing(run, 'reconciliation alone')
  } finally {
    await stage.inside.hear()
  }
  await eventsDrained(stage, wish.rest)
}

async function eventsAlone(run: Run): Promise<void> {
  const { wish, stage } = run
  await stage.inside.stopReconciling()
  const kills = killsAlone(run)
  const written = await run.phase({
    name: 'events alone',
    ways: ['put', 'put', 'drop'],
    share: 0.1,
    kills
  })
  await eventsDrained(stage, wish.rest)
  const lost = await gaps(stage.inside, written)
  run.say(`events alone left ${lost.length} gaps of ${written.length}`)
  await reconcile(stage, wish.rest)
  await nothingMissing(run, 'one reconciliation after events alone')
}

/** Nobody hears the store, and its queue has room for a handful: what it cannot keep is gone, and found again. */
async function queueFull(run: Run): Promise<void> {
  const { wish, stage } = run
  if (!stage.disk) return
  const [name = ''] = readdirSync(stage.queue) // one folder per target
  const target = join(stage.queue, name)
  await stage.inside.stopReconciling()
  if (!narrow(target, NARROW)) throw new Error(`${target} could not be made narrow`)
  await stage.inside.deafen()
  try {
    const written = await run.phase({ name: 'queue full', ways: ['put', 'drop'], share: 0.05, kills: 0 })
    await stage.inside.hear()
    await eventsDrained(stage, wish.rest)
    const lost = await gaps(stage.inside, written)
    run.say(`a full queue left ${lost.length} gaps of ${written.length}`)
    if (lost.length === 0) throw new Error('the queue was never full')
  } finally {
    await stage.inside.hear()
    unmount(target)
  }
  await reconcile(stage, wish.rest)
  await nothingMissing(run, 'one reconciliation after a full queue')
}

/** No byte is left on the disk of store, database and logs, for a while; then there is room again. */
async function diskFull(run: Run): Promise<void> {
  const { wish, stage } = run
  const { disk } = stage
  if (!disk) return
  let refused = 0
  const fill = async () => {
    await wait(1_000)
    try {
      for (const end = Date.now() + wish.full * 1_000; Date.now() < end; await wait(500)) {
        disk.fill()
        const errand = stage.errands[0]
        const body = { folder_id: errand?.project_id, files: [{ name: 'probe.txt', size: 1 }] }
        await errand?.client.call('POST', '/documents/uploads', body).catch(() => (refused += 1))
      }
    } finally {
      disk.free()
    }
  }
  const phase = {
    name: 'disk full',
    ways: ['completed', 'completed', 'put', 'drop'] as const,
    share: 0.05,
    kills: 0
  }
  await run.phase({ ...phase, ways: [...phase.ways] }, fill)
  run.say(`the full disk refused ${refused} calls`)
  await until(wish.rest, 'the portal is back', async () => {
    const answer = await stage.errands[0]?.client.call('GET', '/documents/projects').catch(() => null)
    return answer !== null
  })
  await atRest(stage, wish.rest)
  await reconcile(stage, wish.rest)
  await eventsDrained(stage, wish.rest)
  await nothingMissing(run, 'a full disk and one reconciliation')
}

/** Throws when something acknowledged has never come to the portal's ears. */
async function nothingMissing(run: Run, after: string): Promise<void> {
  const missing = await gaps(run.stage.inside, run.stage.ledger.read().entries)
  for (const one of missing.slice(0, 10)) run.say(`gap: ${one.phase}, ${one.way} ${one.key}`)
  if (missing.length > 0) throw new Error(`${missing.length} gaps after ${after}`)
}

export const PHASES = [together, apiAlone, reconciliationAlone, eventsAlone, queueFull, diskFull]

/** One seed: write, back up, destroy, restore, compare. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { lookInside } from '../faults/installation.ts'
import { randomFrom } from '../faults/schedule.ts'
import { type Entry, type Errand, write } from './writers.ts'
import type { Said } from '../support/portico-command.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { tryDamages } from './damage.ts'
import { type Points, atRest, judge } from './judge.ts'
import { type Site, destroy, makeSite, putKeysAway, restore, startBackup, startRecent } from './machine.ts'

export type Outcome = { figures: string; lost: number; wrong: string[] }

/** Seconds: how long after its first whole backup a machine may live, and pauses between backups. */
const LIFE = 20
const PAUSE = 4
/** Before the first one; up to twice as long. */
const EARLY = 6

const WRITERS = 6
/** Uploads a second that they aim at, all together. */
const RATE = 12

export async function runSeed(seed: number): Promise<Outcome> {
  const site = makeSite()
  const stacks: Stack[] = []
  try {
    const random = randomFrom(seed)
    const burnt = await liveAndBurn(seed, random, site, stacks)
    const data = join(site.folder, 'restored')
    const said = await restore(site, data)
    const wrong = judgeRestore(said, burnt)
    if (wrong.length > 0) return { figures: burnt.figure, lost: 0, wrong }
    const damages = await tryDamages(site, data, random)
    const stack = await startStack({ data, demo: false, keep: true })
    stacks.push(stack)
    const inside = await lookInside(stack)
    try {
      await atRest(inside)
      const judged = await judge(inside, burnt.ledger, pointsOf(said))
      const figures = [
        burnt.figure,
        `restored in ${said.json.seconds} s with ${said.json.objects.versions} versions and acts 1 to ${said.json.log.last}`,
        judged.figure,
        damages.figure
      ]
      return {
        figures: figures.join('; '),
        lost: judged.lost.length,
        wrong: [...judged.lost, ...judged.wrong, ...damages.wrong]
      }
    } finally {
      await inside.close()
    }
  } finally {
    for (const stack of stacks) await stack.stop()
    for (const stack of stacks) rmSync(stack.data, { recursive: true, force: true })
    rmSync(site.folder, { recursive: true, force: true })
  }
}

type Burnt = {
  ledger: Entry[]
  whole: string[]
  /** Up to when it was said last that everything is saved. */
  saved: string
  figure: string
}

/** Of the restored portal: when its whole backup began, and up to when what came after it is there. */
const pointsOf = ({ json }: Said): Points => ({
  whole: Date.parse(json.run.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:')),
  recent: Math.min(Date.parse(json.at), Date.parse(json.documents_at ?? ''))
})

/** A portal at work, with backups and what is saved between them at any time, until a random second. */
async function liveAndBurn(seed: number, random: () => number, site: Site, stacks: Stack[]): Promise<Burnt> {
  const stack = await startStack({ keep: true })
  stacks.push(stack)
  const inside = await lookInside(stack)
  const errands = await Promise.all([
    errandOf(stack, 'Petra', 'Jahresabschluss'),
    errandOf(stack, 'Jonas', 'Jahresabschluss'),
    errandOf(stack, 'Elin', 'Markenanmeldung')
  ])
  const ledger: Entry[] = []
  const stopped = new AbortController()
  const seconds = 2 * (LIFE + 30)
  const writing = write(inside, errands, {
    ...{ count: seconds * RATE, seconds, writers: WRITERS, seed, ledger, stopped: stopped.signal },
    ways: ['completed', 'completed', 'completed', 'put', 'drop']
  })
  await wait((EARLY + random() * EARLY) * 1_000)
  const first = await startBackup(site, stack).said
  if (first.code !== 0) throw new Error(`the first backup failed: ${first.stdout} ${first.stderr}`)
  putKeysAway(site, stack)
  const whole = [first.json.run]
  let saved = first.json.recent?.at ?? ''
  const end = Date.now() + random() * LIFE * 1_000
  let isBackingUp = false
  while (Date.now() < end) {
    await wait(Math.min(random() * PAUSE * 1_000, end - Date.now()))
    const left = end - Date.now()
    if (left <= 0) break
    const isWhole = random() < 1 / 3
    const running = isWhole ? startBackup(site, stack) : startRecent(stack)
    const said = await Promise.race([running.said, wait(left)])
    isBackingUp = !said
    if (!said || said.json.code === 'busy') continue // the portal itself is at it
    if (said.code !== 0) throw new Error(`a backup failed: ${said.stdout} ${said.stderr}`)
    if (isWhole) whole.push(said.json.run)
    saved = (isWhole ? said.json.recent?.at : said.json.at) ?? saved
  }
  stopped.abort()
  await inside.close()
  await destroy(stack, site)
  await writing
  const acknowledged = ledger.filter((entry) => entry.acknowledged).length
  const moment = isBackingUp ? 'in the middle of a backup' : 'between backups'
  const figure = `destroyed ${moment} after ${whole.length} whole ones, ${acknowledged} acknowledged`
  return { ledger, whole, saved, figure }
}

/** What the command said of the newest backup there is. */
function judgeRestore({ code, json, stdout, stderr }: Said, burnt: Burnt): string[] {
  if (code !== 0) return [`restore: exit ${code}: ${stdout} ${stderr}`]
  const wrong = []
  // One that was killed after its last part is whole, and newer than the last one that could say so.
  if (json.run < (burnt.whole.at(-1) ?? ''))
    wrong.push(`restored ${json.run}, but ${burnt.whole.at(-1)} was whole`)
  if (json.at < burnt.saved) wrong.push(`restored up to ${json.at}, but up to ${burnt.saved} it was saved`)
  if (json.objects.missing.length > 0) wrong.push(`missing: ${JSON.stringify(json.objects.missing)}`)
  if (json.log.broken_at !== null || json.log.rows !== json.log.last)
    wrong.push(`the log: ${JSON.stringify(json.log)}`)
  return wrong
}

async function errandOf(stack: Stack, name: string, project: string): Promise<Errand> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person(name))
  const { items } = await client.call<{ items: { id: string; name: string }[] }>('GET', '/documents/projects')
  const found = items.find((one) => one.name.includes(project))
  if (!found) throw new Error(`${name} does not see ${project}`)
  return { client, folder_id: found.id, project_id: found.id }
}

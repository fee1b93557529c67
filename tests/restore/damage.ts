/** What a target may have become meanwhile. Each must be said, and nothing half restored may be left. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Said } from '../support/portico-command.ts'
import { type Site, isUntouched, restore } from './machine.ts'

type Found = { figure: string; wrong: string[] }

/** @param whole the folder that the undamaged target was restored to, and that no portal has run on yet */
export async function tryDamages(site: Site, whole: string, random: () => number): Promise<Found> {
  const found = [
    ...(await wrongKeys(site)),
    await damagedDatabase(site, random),
    await missingLog(site),
    await missingSegment(site),
    await anyByte(site, whole, random)
  ]
  return { figure: found.map((one) => one.figure).join(', '), wrong: found.flatMap((one) => one.wrong) }
}

/** It has to fail with this code and a sentence, and to leave nothing. */
function refused(what: string, said: Said, codes: string[], to: string): Found {
  const { code, message } = said.json
  const wrong = []
  if (said.code === 0 || !codes.includes(code)) wrong.push(`${what}: exit ${said.code}, ${said.stdout}`)
  if (!message || /\n\s+at /.test(message)) wrong.push(`${what}: no sentence but ${message}`)
  if (!isUntouched(to)) wrong.push(`${what}: left ${readdirSync(to).join(', ')}`)
  return { figure: `${what}: ${code}`, wrong }
}

async function wrongKeys(site: Site): Promise<Found[]> {
  const to = join(site.folder, 'wrong-key')
  const [data, secrets] = ['password', 'secrets-password'].map((name) => join(site.keys, name))
  return [
    refused('wrong key', await restore(site, to, { password: secrets ?? '' }), ['wrong_password'], to),
    refused(
      'wrong key of the secrets',
      await restore(site, to, { secrets_password: data ?? '' }),
      ['wrong_password'],
      to
    )
  ]
}

/** A copy of the target that may be spoilt. */
function copyOf(site: Site): { target: string; to: string; remove: () => void } {
  const [target, to] = [join(site.folder, 'spoilt'), join(site.folder, 'from-spoilt')]
  const remove = () => [target, to].forEach((one) => rmSync(one, { recursive: true, force: true }))
  remove()
  cpSync(site.target, target, { recursive: true })
  return { target, to, remove }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .toSorted()

/** One bit of one byte. */
function flip(path: string, random: () => number): void {
  const bytes = readFileSync(path)
  const at = Math.floor(random() * bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  rmSync(path) // restic makes its files read-only
  writeFileSync(path, bytes)
}

type Restic = (
  part: 'data' | 'secrets' | 'wal',
  args: string[],
  input?: Buffer,
  cwd?: string
) => Buffer | null

/** Restic by hand; null when it fails. */
const resticAt =
  (site: Site, target: string): Restic =>
  (part, args, input, cwd) => {
    const done = spawnSync('restic', ['-r', join(target, part), '--no-cache', ...args], {
      env: {
        ...process.env,
        TZ: 'UTC',
        RESTIC_PASSWORD_FILE: join(site.keys, part === 'secrets' ? 'secrets-password' : 'password')
      },
      ...(input && { input }),
      ...(cwd && { cwd }),
      maxBuffer: 2e9
    })
    return done.status === 0 ? done.stdout : null
  }

type Snapshot = { id: string; time: string; tags: string[] }

const runOf = ({ tags }: Snapshot): string => (tags.find((tag) => tag.startsWith('run:')) ?? '').slice(4)

/** The database of the last whole backup: one that was killed may have left a newer one. */
function newestDatabase(restic: Restic): Snapshot {
  const list = (part: 'data' | 'secrets'): Snapshot[] =>
    JSON.parse(String(restic(part, ['snapshots', '--json'])))
  // The secrets are saved last.
  const run = list('secrets').map(runOf).toSorted().at(-1)
  const found = list('data').find((one) => runOf(one) === run && one.tags.includes('part:database'))
  if (!found) throw new Error('the newest backup has no database')
  return found
}

/** A byte of a pack without which the newest database cannot be read. */
async function damagedDatabase(site: Site, random: () => number): Promise<Found> {
  const { target, to, remove } = copyOf(site)
  const restic = resticAt(site, target)
  const dump = ['dump', newestDatabase(restic).id, 'database.tar']
  const packs = filesIn(join(target, 'data/data'))
  for (let tries = 0; restic('data', dump) !== null; tries += 1) {
    if (tries === 40) return { figure: '', wrong: ['no byte of 40 was one of the database'] }
    flip(packs[Math.floor(random() * packs.length)] ?? '', random)
  }
  const more = ['--snapshot', runOf(newestDatabase(restic))]
  const found = refused('a byte of the database', await restore(site, to, { target, more }), ['damaged'], to)
  remove()
  return found
}

/**
 * The part of the server's log that makes a copy of the database one is inside the copy (base-backup.ts). A copy without
 * it is what a server cannot start from. (Holes in what is saved between backups: tests/deep/wal.test.ts.)
 */
async function missingLog(site: Site): Promise<Found> {
  const { target, to, remove } = copyOf(site)
  const restic = resticAt(site, target)
  const newest = newestDatabase(restic)
  const folder = join(site.folder, 'without-log')
  mkdirSync(folder)
  const tar = join(folder, 'database.tar')
  writeFileSync(tar, restic('data', ['dump', newest.id, 'database.tar']) ?? '')
  execFileSync('tar', ['--delete', '-f', tar, '--wildcards', 'pg_wal/0*'])
  restic(
    'data',
    [
      ...['backup', '--stdin', '--stdin-filename', 'database.tar', '--host', 'portico'],
      ...newest.tags.flatMap((tag) => ['--tag', tag])
    ],
    readFileSync(tar)
  )
  restic('data', ['forget', newest.id])
  const more = ['--snapshot', runOf(newest)]
  const found = refused('missing WAL', await restore(site, to, { target, more }), ['damaged'], to)
  rmSync(folder, { recursive: true })
  remove()
  return found
}

/**
 * What was saved last between backups loses the segment in which its end is: less is not given without a word. The mark
 * need not be in the last one: a backup that begins or ends at that moment makes the server begin another.
 */
async function missingSegment(site: Site): Promise<Found> {
  const { target, to, remove } = copyOf(site)
  const restic = resticAt(site, target)
  const list: Snapshot[] = JSON.parse(String(restic('wal', ['snapshots', '--json'])))
  const newest = list.toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1)
  if (!newest) return { figure: '', wrong: ['nothing was saved between backups'] }
  // A backup that was killed before anything was saved after it is newer than all that was saved before.
  if (runOf(newest) < runOf(newestDatabase(restic))) return { figure: 'no segment to miss', wrong: [] }
  const folder = join(site.folder, 'segments')
  restic('wal', ['restore', newest.id, '--target', folder])
  const mark = newest.tags.find((tag) => tag.startsWith('mark:'))?.slice(5) ?? ''
  const segments = readdirSync(folder).toSorted()
  const end = segments.findIndex((name) => readFileSync(join(folder, name)).includes(mark))
  for (const name of segments.slice(end)) rmSync(join(folder, name))
  restic(
    'wal',
    [
      ...['backup', '--host', 'portico', '--time', newest.time.slice(0, 19).replace('T', ' ')],
      ...newest.tags.flatMap((tag) => ['--tag', tag]),
      ...readdirSync(folder)
    ],
    undefined,
    folder
  )
  restic('wal', ['forget', newest.id])
  const found = refused('missing segment', await restore(site, to, { target }), ['damaged'], to)
  rmSync(folder, { recursive: true })
  remove()
  return found
}

/** A byte anywhere: what comes back without a word is right to the byte; what is wrong is named. */
async function anyByte(site: Site, whole: string, random: () => number): Promise<Found> {
  const { target, to, remove } = copyOf(site)
  const files = filesIn(target).filter((path) => statSync(path).size > 0)
  const file = files[Math.floor(random() * files.length)] ?? ''
  flip(file, random)
  const said = await restore(site, to, { target })
  const what = `a byte of ${file.slice(target.length + 1).replace(/\/[0-9a-f]{2}\/.*|\/[0-9a-f]{64}/, '')}`
  const found =
    said.code === 0 || said.code === 19
      ? compared(what, said, whole, to)
      : refused(what, said, [said.json.code], to)
  remove()
  return found
}

/** Bytes of the originals, file by file, against those of the undamaged target. */
function compared(what: string, said: Said, whole: string, to: string): Found {
  const differing = spawnSync(
    'diff',
    ['-rq', ...[whole, to].map((one) => join(one, 'store/objects/portico-documents'))],
    {
      encoding: 'utf8'
    }
  ).stdout
  const named = new Set(said.json.objects.missing.map((one) => one.version_id))
  const unnamed = differing
    .split('\n')
    .filter((line) => line !== '' && ![...named].some((id) => line.includes(id)))
  const wrong = unnamed.map((line) => `${what}: exit ${said.code} and not a word about ${line}`)
  return {
    figure: said.code === 0 ? `${what}: nothing lost` : `${what}: ${named.size} named`,
    wrong
  }
}

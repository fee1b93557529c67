/** Files on this machine: found below what was named, and what they are recognised by. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { CommandProblem } from './problem.ts'

export type LocalFile = {
  /** Where it lies. */
  at: string
  name: string
  /** Folders below the target, with slashes. */
  path: string
  size: number
  modified: Date
}

/** What systems leave behind in folders. */
const NOT_MEANT = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/**
 * The files that were named and those in named folders, in a fixed order; a folder's name goes along. Links are not
 * followed: what lies elsewhere was not named.
 */
export async function filesBelow(paths: string[]): Promise<LocalFile[]> {
  const found: LocalFile[] = []
  for (const path of paths) await collect(resolve(path), '', found, true)
  return found
}

async function collect(at: string, path: string, found: LocalFile[], was_named: boolean): Promise<void> {
  const name = basename(at)
  const facts = await lstat(at)
  if (facts.isFile()) {
    if (was_named || !NOT_MEANT.has(name))
      found.push({ at, name, path, size: facts.size, modified: facts.mtime })
    return
  }
  if (!facts.isDirectory()) {
    if (was_named) throw new CommandProblem('usage', `${at} is neither a file nor a folder.`)
    return
  }
  const below = path === '' ? name : `${path}/${name}`
  for (const entry of (await readdir(at)).toSorted()) await collect(join(at, entry), below, found, false)
}

const MIB = 1024 * 1024
export type Prints = { head_sha256: string; sha256: string }

/** SHA-256 of the first MiB, by which the portal knows an unfinished upload again, and of the whole. Throws when it changes meanwhile. */
export async function printsOf(file: LocalFile): Promise<Prints> {
  const [head, whole] = [createHash('sha256'), createHash('sha256')]
  let read = 0
  for await (const chunk of createReadStream(file.at)) {
    const bytes: Buffer = chunk
    if (read < MIB) head.update(bytes.subarray(0, MIB - read))
    whole.update(bytes)
    read += bytes.length
  }
  if (read !== file.size)
    throw new CommandProblem('some_failed', `${file.at} changed while it was read.`, 'changed')
  return { head_sha256: head.digest('hex'), sha256: whole.digest('hex') }
}

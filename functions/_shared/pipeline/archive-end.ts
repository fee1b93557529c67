/** The end of a ZIP: the sums, the directory, and the parts joined. What all files became is known only here. */
import { crc32 } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { LeftOut } from '../contract/archive.ts'
import type { ArchiveCursor } from '../contract/archive-job.ts'
import { Time } from '../contract/common.ts'
import { blocks, rows } from '../db/database.ts'
import { MANIFEST, manifestOf } from '../rules/archive.ts'
import { descriptor, directory, localHeader } from '../rules/zip.ts'
import { DERIVED, archiveKey } from '../storage/buckets.ts'
import { completeMultipart, putPart } from '../storage/multipart.ts'
import { getObject, headObject } from '../storage/objects.ts'
import type { Deps } from './kind.ts'

const sql = blocks<'whole' | 'left_out' | 'parts'>(new URL('./archive.sql', import.meta.url))

/** Milliseconds to fetch what the last slice left over. */
const PATIENCE = 20_000

const Whole = z.object({
  path: z.string(),
  size: z.number(),
  sha256: z.string(),
  offset: z.number(),
  crc: z.number(),
  /** null: the version has gone since. */
  at: Time.nullable()
})
const Left = z.object({ path: z.string(), why: LeftOut })
const Part = z.object({ number: z.int(), etag: z.string() })

export type Ending = { id: string; part_size: number; upload_id: string; created_at: string }

/**
 * Writes the end and joins the parts; done again it finds its own work.
 *
 * @returns the ZIP's bytes; null when something that it builds on is not what was answered for, or has gone
 */
export async function endArchive(deps: Deps, archive: Ending, cursor: ArchiveCursor): Promise<number | null> {
  const { pool } = deps.database
  const key = archiveKey(archive.id)
  const carried = await carriedBytes(deps, cursor).catch(unlessGone)
  if (carried === null) return null
  const tail = await tailOf(deps, archive, cursor, carried)
  const parts = await rows(pool, sql('parts'), [archive.id, cursor.part], Part)
  const size = (cursor.part - 1) * archive.part_size + tail.length
  for (let at = 0, number = cursor.part; at < tail.length; at += archive.part_size, number += 1) {
    const piece = tail.subarray(at, at + archive.part_size)
    const place = { bucket: DERIVED, key, id: archive.upload_id, number }
    const etag = await putPart(deps.store, place, piece).catch(unlessGone)
    if (etag === null) break
    parts.push({ number, etag })
  }
  await completeMultipart(deps.store, DERIVED, key, archive.upload_id, parts).catch(unlessGone)
  const head = await headObject(deps.store, DERIVED, key)
  return head?.size === size ? size : null
}

const GONE = ['NoSuchKey', 'NoSuchUpload', 'InvalidPart', 'EntityTooSmall']

function unlessGone(error: unknown): null {
  if (error instanceof Error && GONE.includes(error.name)) return null
  throw error
}

/** What the last slice left over, the sums, the directory. */
async function tailOf(deps: Deps, archive: Ending, cursor: ArchiveCursor, carried: Buffer): Promise<Buffer> {
  const { pool } = deps.database
  const files = await rows(pool, sql('whole'), [archive.id], Whole)
  const left_out = await rows(pool, sql('left_out'), [archive.id], Left)
  const at = new Date(archive.created_at)
  const text = Buffer.from(manifestOf(files, left_out), 'utf8')
  const sums = { path: MANIFEST, size: text.length, at }
  const offset = (cursor.part - 1) * archive.part_size + carried.length
  const crc = crc32(text)
  const body = Buffer.concat([carried, localHeader(sums), text, descriptor(text.length, crc)])
  const entries = files.map((file) => ({ ...file, at: file.at === null ? at : new Date(file.at) }))
  return Buffer.concat([
    body,
    directory([...entries, { ...sums, crc, offset }], (cursor.part - 1) * archive.part_size + body.length)
  ])
}

async function carriedBytes(deps: Deps, { carry }: ArchiveCursor): Promise<Buffer> {
  const from = { bucket: DERIVED, key: carry.key }
  const all = await buffer(await getObject(deps.store, from, AbortSignal.timeout(PATIENCE)))
  if (all.length !== carry.state + carry.size) throw new Error('the carry is not what was answered for')
  return all.subarray(carry.state)
}

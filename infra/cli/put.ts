/** Bytes on their way to the store: one file whole or in parts, each tried several times. */
import { open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { PorticoClient } from 'portico/client'
import type { LocalFile } from './files.ts'
import { CommandProblem } from './problem.ts'
import type { OpenUpload } from './target.ts'

type Upload = Omit<OpenUpload, 'parts'>

const TRIES = 5
/** Part addresses of one call; they are good for an hour. */
const ADDRESSES = 20
/** The address was for another hour, or what it is for is there already. */
const IS_OVER = 403
const IS_THERE = 412

/** Sends what the store does not have of a file yet. */
export async function putFile(client: PorticoClient, file: LocalFile, upload: Upload): Promise<void> {
  if (upload.part_count === 1) return putWhole(client, file, upload)
  const { parts } = await progressOf(client, upload.id)
  const there = new Map(parts.map((part) => [part.number, part.size]))
  const lengthOf = (number: number) =>
    Math.min(upload.part_size, upload.size - (number - 1) * upload.part_size)
  const missing = Array.from({ length: upload.part_count }, (_, i) => i + 1).filter(
    (number) => there.get(number) !== lengthOf(number)
  )
  for (let i = 0; i < missing.length; i += ADDRESSES) {
    const { data } = await client.POST('/api/v1/documents/uploads/{id}/parts', {
      params: { path: { id: upload.id } },
      body: { numbers: missing.slice(i, i + ADDRESSES) }
    })
    for (const { number, url } of data?.parts ?? [])
      await put(url, await read(file, (number - 1) * upload.part_size, lengthOf(number)))
  }
}

async function putWhole(client: PorticoClient, file: LocalFile, upload: Upload): Promise<void> {
  const bytes = await read(file, 0, upload.size)
  const status = upload.url === null ? IS_OVER : await put(upload.url, bytes)
  if (status !== IS_OVER) return
  const fresh = await progressOf(client, upload.id)
  if (fresh.url !== null && (await put(fresh.url, bytes)) === IS_OVER)
    throw new CommandProblem('away', 'The store does not take the file.', 'store_refused')
}

async function progressOf(client: PorticoClient, id: string): Promise<OpenUpload> {
  const { data } = await client.GET('/api/v1/documents/uploads/{id}', { params: { path: { id } } })
  if (!data) throw new Error('an answer without a body')
  return data
}

async function read(file: LocalFile, from: number, length: number): Promise<Buffer> {
  const handle = await open(file.at)
  try {
    const bytes = Buffer.alloc(length)
    let done = 0
    while (done < length) {
      const { bytesRead } = await handle.read(bytes, done, length - done, from + done)
      if (bytesRead === 0)
        throw new CommandProblem('some_failed', `${file.at} became shorter while it was sent.`, 'changed')
      done += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/** The store's status: a success, 412 or 403. Anything else is tried again, then thrown. */
async function put(url: string, bytes: Buffer): Promise<number> {
  const once = /X-Amz-SignedHeaders=[^&]*if-none-match/.test(url)
  for (let tried = 1; ; tried += 1) {
    const answer = await fetch(url, {
      method: 'PUT',
      body: new Uint8Array(bytes),
      ...(once && { headers: { 'if-none-match': '*' } })
    }).catch((error: unknown) => error)
    if (answer instanceof Response) {
      await answer.body?.cancel()
      if (answer.ok || answer.status === IS_THERE || answer.status === IS_OVER) return answer.status
    }
    if (tried === TRIES)
      throw answer instanceof Response
        ? new CommandProblem('away', `The store answers ${answer.status}.`, 'store_away')
        : answer
    await pause(250 * 2 ** tried * (0.5 + Math.random()))
  }
}

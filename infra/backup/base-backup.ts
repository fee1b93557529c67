/**
 * A physical backup of a running PostgreSQL over its replication protocol (BASE_BACKUP, PostgreSQL 18 manual, section
 * "Streaming Replication Protocol"): what pg_basebackup asks, which the npm package does not bring.
 */
import type { Writable } from 'node:stream'
import pg from 'pg'

/** The log needed to make it consistent is inside; the server checks each page's checksum while it reads. */
const COMMAND =
  `BASE_BACKUP (LABEL 'portico', CHECKPOINT 'fast', WAL true, MANIFEST 'no', PROGRESS false, ` +
  `VERIFY_CHECKSUMS true)`

/** Two empty records end a tar archive. */
const END_OF_TAR = Buffer.alloc(1024)

/** As pg hands them to a query of one's own; its types do not tell of them. */
type Connection = { query: (text: string) => void; stream: { pause: () => void; resume: () => void } }

/**
 * Streams the whole server as one tar archive into `sink`. Does not end `sink`: whoever reads it must not take a torn
 * archive for a whole one.
 *
 * @param superuser_url of the running server
 * @returns bytes written
 * @throws what the server said (a page whose checksum is wrong included), or what `sink` said
 */
export async function streamBaseBackup(superuser_url: string, sink: Writable): Promise<number> {
  const url = new URL(superuser_url)
  url.searchParams.set('replication', 'true')
  // `replication` is no part of @types/pg, and of a URL's parameters pg takes each.
  const client = new pg.Client({ connectionString: url.href })
  client.on('error', () => undefined) // told by the query that it breaks
  await client.connect()
  try {
    // The server's log from here on is kept until we are done, however slow the target is; gone with the session.
    await client.query(
      `CREATE_REPLICATION_SLOT portico_backup_${process.pid} TEMPORARY PHYSICAL (RESERVE_WAL true)`
    )
    const bytes = await copyOut(client, sink)
    await write(sink, END_OF_TAR)
    return bytes + END_OF_TAR.length
  } finally {
    await client.end()
  }
}

function copyOut(client: pg.Client, sink: Writable): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0
    let is_paused = false // what was parsed already comes all the same
    const fail = (error: Error) => reject(error)
    sink.once('error', fail)
    client.once('end', () => reject(new Error('the database went away')))
    const nothing = () => undefined
    const query = {
      submit: (connection: Connection) => connection.query(COMMAND),
      handleCopyData: ({ chunk }: { chunk: Buffer }, connection: Connection) => {
        if (chunk[0] !== 0x64) return // 'd': of the archive; the others name it or count
        bytes += chunk.length - 1
        // A copy: the parser uses its buffer again.
        if (sink.write(Buffer.from(chunk.subarray(1))) || is_paused) return
        is_paused = true
        connection.stream.pause()
        sink.once('drain', () => {
          is_paused = false
          connection.stream.resume()
        })
      },
      handleError: fail,
      handleReadyForQuery: () => {
        sink.off('error', fail)
        resolve(bytes)
      },
      handleRowDescription: nothing,
      handleDataRow: nothing,
      handleCommandComplete: nothing,
      handlePortalSuspended: nothing,
      handleEmptyQuery: nothing,
      handleCopyInResponse: nothing
    }
    client.query(query as unknown as pg.Submittable)
  })
}

const write = (sink: Writable, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => sink.write(chunk, (error) => (error ? reject(error) : resolve())))

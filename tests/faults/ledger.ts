/**
 * The writers' own account of what they sent and what was said to them: one line each in a file outside of the portal, on
 * the disk before the writer goes on. What is compared in the end is read from there.
 */
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** completed: through the API to the receipt; put: only the store has said yes; drop: brought by an S3 tool. */
export type Way = 'completed' | 'put' | 'drop'

export type Entry = {
  phase: string
  way: Way
  /** Of documents: `<document>/<version>`; of drops: the key in the drop bucket, which may come more than once. */
  key: string
  /** Of which document it was sent as a new version. */
  of_document_id: string | null
  /** No two entries have the same bytes. */
  sha256: string
  /** Large, in more than one part, and of a kind that has no pages. */
  in_parts: boolean
  /** Somebody said that it has arrived: from here on it may not be lost. */
  acknowledged: boolean
}

type Line =
  | ({ event: 'sent' } & Omit<Entry, 'acknowledged'>)
  | { event: 'acknowledged'; sha256: string }
  | { event: 'trash_asked' | 'trashed'; document_id: string }

export type Account = {
  entries: Entry[]
  /** Documents that somebody put into the trash; true: it was said to them that they lie there. */
  trash: Map<string, boolean>
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>

export async function openLedger(path: string) {
  const file = await open(path, 'a', 0o600)
  let waiting: { line: string; done: () => void }[] = []
  let writing = false

  /** Those that come while the disk works share the next write. */
  async function flush(): Promise<void> {
    writing = true
    while (waiting.length > 0) {
      const now = waiting
      waiting = []
      await file.appendFile(now.map((one) => one.line).join(''))
      await file.datasync()
      for (const one of now) one.done()
    }
    writing = false
  }

  return {
    /** Resolves when it is on the disk. */
    note: (line: Line): Promise<void> =>
      new Promise((done) => {
        waiting.push({ line: `${JSON.stringify(line)}\n`, done })
        if (!writing) void flush()
      }),
    read: (): Account => accountOf(readFileSync(path, 'utf8')),
    close: () => file.close()
  }
}

function accountOf(text: string): Account {
  const entries = new Map<string, Entry>()
  const trash = new Map<string, boolean>()
  for (const one of text.split('\n').filter((line) => line !== '')) {
    const line: Line = JSON.parse(one)
    if (line.event === 'sent') {
      const { event: _, ...sent } = line
      entries.set(line.sha256, { ...sent, acknowledged: false })
    } else if (line.event === 'acknowledged') {
      const entry = entries.get(line.sha256)
      if (entry) entry.acknowledged = true
    } else trash.set(line.document_id, line.event === 'trashed')
  }
  return { entries: [...entries.values()], trash }
}

/** The documents of one folder as the page shows them: pages by keyset, and the same rows again when news come. */
import { api } from '#lib/api.ts'
import type { Document } from '#lib/contract.ts'

type Page = { items: Document[]; next: string | null }

/** The API gives at most this many at once. */
const MOST = 200

export class DocumentList {
  items = $state.raw<Document[]>([])
  next = $state<string | null>(null)
  busy = $state(false)
  /** Ids of rows that have changed since the page was opened: they are tinted once. */
  changed = $state.raw<ReadonlySet<string>>(new Set())
  #folder = ''
  /** Order and filters, as the API takes them. */
  #listing = ''
  #running: Promise<void> | null = null
  #again = false

  /** Shows what the server brought with the page. */
  open(folder: string, page: Page, listing = ''): void {
    this.#folder = folder
    this.#listing = listing
    this.items = page.items
    this.next = page.next
    this.changed = new Set()
  }

  async more(): Promise<void> {
    if (!this.next || this.busy) return
    this.busy = true
    try {
      const page = await this.#fetch(this.next, 100)
      const known = new Set(this.items.map((one) => one.id))
      this.items = [...this.items, ...page.items.filter((one) => !known.has(one.id))]
      this.next = page.next
    } finally {
      this.busy = false
    }
  }

  /** Asks for what is shown again. News that come meanwhile cause one more question, not many. */
  refresh(): Promise<void> {
    if (this.#running) this.#again = true
    this.#running ??= this.#run().finally(() => (this.#running = null))
    return this.#running
  }

  async #run(): Promise<void> {
    do {
      this.#again = false
      const [folder, listing] = [this.#folder, this.#listing]
      const wanted = Math.max(100, this.items.length)
      const items: Document[] = []
      let next: string | null = null
      do {
        const page = await this.#fetch(next, Math.min(MOST, wanted - items.length))
        items.push(...page.items)
        next = page.next
      } while (next && items.length < wanted)
      if (folder === this.#folder && listing === this.#listing) this.#take(items, next)
    } while (this.#again)
  }

  #take(items: Document[], next: string | null): void {
    const before = new Map(this.items.map((one) => [one.id, one]))
    const news = items.filter((one) => {
      const old = before.get(one.id)
      return !old || old.version.state !== one.version.state || old.version.id !== one.version.id
    })
    if (news.length > 0) this.changed = new Set([...this.changed, ...news.map((one) => one.id)])
    this.items = items
    this.next = next
  }

  #fetch(cursor: string | null, limit: number): Promise<Page> {
    const query = new URLSearchParams(this.#listing)
    query.set('limit', String(limit))
    if (cursor) query.set('cursor', cursor)
    return api<Page>(`/documents/folders/${this.#folder}/documents?${query}`)
  }
}

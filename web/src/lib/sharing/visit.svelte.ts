/**
 * A visitor's way through a link: what it is, the press that opens it, what it shares, its end. The secret comes from the
 * address's fragment and goes out in bodies only; once it has opened the link it is taken out of the address too.
 */
import { replaceState } from '$app/navigation'
import { ApiError, api } from '#lib/api.ts'
import type { LinkShown, SharedDocument, Visit } from '#lib/contract.ts'
import type { Trouble } from '#lib/problem.ts'
import { secretIn } from '#lib/secret-in.ts'
import { visitPath } from './address.ts'

/** How soon an open page notices that its link has ended, when nothing else tells it before. */
const LOOK_MS = 8_000

/** At each such look the documents are asked for too: one may have come, gone, or have a new version. */
const REFRESH_LOOKS = 3

type Documents = { items: SharedDocument[]; next: string | null }

/** `over`: the visit ended, the link may go on. */
export type Ended = 'revoked' | 'expired' | 'used_up' | 'over'

const ENDS: Record<string, Ended> = {
  link_revoked: 'revoked',
  link_expired: 'expired',
  link_used: 'used_up',
  visit_over: 'over',
  not_signed_in: 'over'
}

const COOKIES_BLOCKED: Trouble = {
  status: 401,
  code: 'cookies_blocked',
  errors: [],
  retry_after: null,
  call_id: null
}

export class LinkVisit {
  phase: 'looking' | 'cut' | 'unknown' | 'door' | 'inside' | 'ended' | 'trouble' = $state('looking')
  shown: LinkShown | null = $state(null)
  visit: Visit | null = $state(null)
  documents: SharedDocument[] = $state([])
  next: string | null = $state(null)
  ended: Ended = $state('over')
  /** What went wrong with the last press. */
  problem: Trouble | null = $state(null)
  busy = $state(false)
  asked = $state(false)
  readonly id: string
  #secret = ''

  constructor(id: string) {
    this.id = id
  }

  get may_ask(): boolean {
    return this.#secret !== '' && this.ended !== 'over'
  }

  /** Whether the door can be shown again: the secret is gone once the page was loaded anew. */
  get may_open(): boolean {
    return this.#secret !== '' && this.ended === 'over'
  }

  /** Looks at the address, then at the cookie: a page that is loaded again goes on where it was. */
  async start(): Promise<void> {
    this.#secret = secretIn(location.hash)
    const found = await this.#current()
    if (typeof found === 'object' && found) return this.#enter(found)
    if (this.#secret) return this.#look()
    // Who was in here once is told why they are not any more; to whoever was not, the address is not whole.
    if (found) this.#end(found)
    else this.phase = 'cut'
  }

  /** Back to the door of a link whose visit is over. */
  async openAgain(): Promise<void> {
    if (!this.busy) await this.#look()
  }

  async #look(): Promise<void> {
    try {
      this.shown = await this.#post<LinkShown>('look', {})
      if (this.shown.state === 'open') this.phase = 'door'
      else this.#end(this.shown.state)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The press: the only thing that opens a link. */
  async open(name: string, password: string): Promise<void> {
    if (this.busy) return
    // Before anything is counted.
    if (!navigator.cookieEnabled) {
      this.problem = COOKIES_BLOCKED
      return
    }
    this.busy = true
    this.problem = null
    try {
      await this.#post('open', { name, password: password === '' ? null : password })
      replaceState(location.pathname, {})
      const inside = await this.#current()
      if (typeof inside === 'object' && inside) await this.#enter(inside)
      // It opened, and the next question came without the cookie.
      else if (this.phase === 'door') this.problem = COOKIES_BLOCKED
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.trouble.code in ENDS && error.trouble.code !== 'not_signed_in') await this.#look()
      else this.problem = error.trouble
    } finally {
      this.busy = false
    }
  }

  async ask(): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = null
    try {
      await this.#post('renewal-requests', {})
      this.asked = true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // Renewed in the meantime: the door opens.
      if (error.trouble.code === 'conflict') await this.#look()
      else this.problem = error.trouble
    } finally {
      this.busy = false
    }
  }

  async more(): Promise<void> {
    const page = await this.#page(this.next)
    this.documents = this.next ? [...this.documents, ...page.items] : page.items
    this.next = page.next
  }

  /** The documents anew, as many as are listed: one may have a new version, or be there no more. */
  async refresh(): Promise<void> {
    if (this.phase !== 'inside') return
    const listed = this.documents.length
    const found: SharedDocument[] = []
    let next: string | null = null
    try {
      do {
        const page: Documents = await this.#page(next)
        found.push(...page.items)
        next = page.next
      } while (next && found.length < listed)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return
    }
    this.documents = found
    this.next = next
  }

  #page(cursor: string | null): Promise<Documents> {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
    return api<Documents>(`${visitPath(this.id)}/documents?limit=200${query}`)
  }

  /** Asks whether the visit still holds; what is shown is taken away when it does not. */
  check = async (): Promise<void> => {
    if (this.phase !== 'inside') return
    const inside = await this.#current()
    if (typeof inside === 'object' && inside) this.visit = inside
  }

  /** Looks now and then, and when the window comes back to the front; until the returned function is called. */
  watch(): () => void {
    let looks = 0
    const look = async () => {
      if (document.visibilityState !== 'visible') return
      await this.check()
      looks += 1
      if (looks % REFRESH_LOOKS === 0) await this.refresh()
    }
    const timer = setInterval(() => void look(), LOOK_MS)
    document.addEventListener('visibilitychange', look)
    // Back to a page that the browser had kept as it was.
    addEventListener('pageshow', look)
    return () => {
      clearInterval(timer)
      removeEventListener('pageshow', look)
      document.removeEventListener('visibilitychange', look)
    }
  }

  async #enter(visit: Visit): Promise<void> {
    this.visit = visit
    this.next = null
    await this.more().catch((error: unknown) => this.#fail(error))
    if (this.phase !== 'ended') this.phase = 'inside'
  }

  /** The visit of this link's cookie, or why there is none any more, and then what was open is shut; null: there was none. */
  async #current(): Promise<Visit | Ended | null> {
    try {
      return await api<Visit>(visitPath(this.id))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { code, status } = error.trouble
      const ended = ENDS[code]
      // The portal is away for a moment: nothing is known, nothing changes.
      if (!ended && status !== 404) return this.phase === 'inside' ? this.visit : null
      if (this.phase === 'inside') this.#end(ended ?? 'over')
      return code === 'not_signed_in' ? null : (ended ?? null)
    }
  }

  #end(ended: Ended): void {
    this.ended = ended
    this.phase = 'ended'
    this.documents = []
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error
    const { trouble } = error
    const ended = ENDS[trouble.code]
    if (ended) return this.#end(ended)
    this.problem = trouble
    this.phase = trouble.status === 404 || trouble.status === 422 ? 'unknown' : 'trouble'
  }

  #post<T>(act: 'look' | 'open' | 'renewal-requests', body: object): Promise<T> {
    return api<T>(`/sharing/links/${this.id}/${act}`, {
      method: 'POST',
      body: { secret: this.#secret, ...body }
    })
  }
}

/**
 * A visitor's way through a link: what it is, the press that opens it, what it shares, its end. The secret comes from the
 * address's fragment and goes out in bodies only; once it has opened the link it is taken out of the address too.
 */
import { replaceState } from '$app/navigation'
import { ApiError, api } from '#lib/api.ts'
import type { LinkShown, SharedDocument, Visit } from '#lib/contract.ts'
import type { Trouble } from '#lib/problem.ts'

/** How soon an open page notices that its link has ended, when nothing else tells it before. */
const LOOK_MS = 8_000

type Documents = { items: SharedDocument[]; next: string | null }

/** `over`: the visit ended, the link may go on. */
export type Ended = 'revoked' | 'expired' | 'used_up' | 'over'

const ENDS: Record<string, Ended> = {
  link_revoked: 'revoked',
  link_expired: 'expired',
  link_used: 'used_up',
  not_signed_in: 'over'
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
  #id: string
  #secret = ''

  constructor(id: string) {
    this.#id = id
  }

  get may_ask(): boolean {
    return this.#secret !== '' && this.ended !== 'over'
  }

  /** Looks at the address, then at the cookie: a page that is loaded again goes on where it was. */
  async start(): Promise<void> {
    const found = location.hash.slice(1)
    if (/^[A-Za-z0-9_-]{43}$/.test(found)) this.#secret = found
    const inside = await this.#current()
    if (inside) return this.#enter(inside)
    if (!this.#secret) {
      this.phase = 'cut'
      return
    }
    await this.#look()
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
    this.busy = true
    this.problem = null
    try {
      await this.#post('open', { name, password: password === '' ? null : password })
      replaceState(location.pathname, {})
      const inside = await this.#current()
      if (inside) await this.#enter(inside)
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
    const query = this.next ? `&cursor=${encodeURIComponent(this.next)}` : ''
    const page = await api<Documents>(`/sharing/visits/current/documents?limit=200${query}`)
    this.documents = this.next ? [...this.documents, ...page.items] : page.items
    this.next = page.next
  }

  /** Asks whether the visit still holds; what is shown is taken away when it does not. */
  check = async (): Promise<void> => {
    if (this.phase !== 'inside') return
    const inside = await this.#current()
    if (inside) this.visit = inside
  }

  /** Looks now and then, and when the window comes back to the front; until the returned function is called. */
  watch(): () => void {
    const look = () => void (document.visibilityState === 'visible' && this.check())
    const timer = setInterval(look, LOOK_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }

  async #enter(visit: Visit): Promise<void> {
    this.visit = visit
    this.next = null
    await this.more().catch((error: unknown) => this.#fail(error))
    if (this.phase !== 'ended') this.phase = 'inside'
  }

  /** The visit of the cookie when it belongs to this link; null otherwise, and then what was open is shut. */
  async #current(): Promise<Visit | null> {
    try {
      const visit = await api<Visit>('/sharing/visits/current')
      if (visit.link_id === this.#id) return visit
      if (this.phase === 'inside') this.#end('over')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const ended = ENDS[error.trouble.code]
      // The portal is away for a moment: nothing is known, nothing changes.
      if (!ended && error.trouble.status !== 404) return this.phase === 'inside' ? this.visit : null
      if (this.phase === 'inside') this.#end(ended ?? 'over')
    }
    return null
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
    return api<T>(`/sharing/links/${this.#id}/${act}`, {
      method: 'POST',
      body: { secret: this.#secret, ...body }
    })
  }
}

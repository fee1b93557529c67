/** Files whose taking asks for a factor again. */
import { api } from '#lib/api.ts'
import type { SessionInfo } from '#lib/contract.ts'
import { prove } from '#lib/proof.svelte.ts'

/** For the click on such a link: a link cannot ask for a factor; so it is asked for before. */
export async function take(event: MouseEvent & { currentTarget: HTMLAnchorElement }): Promise<void> {
  event.preventDefault()
  const { href } = event.currentTarget
  const { proof_due } = await api<SessionInfo>('/auth/session')
  if (!proof_due || (await prove())) location.assign(href)
}

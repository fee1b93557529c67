import type { SessionInfo } from '#lib/contract.ts'
import type { Trouble } from '#lib/problem.ts'

declare global {
  namespace App {
    interface Error {
      /** The stable code of a problem (functions/_shared/problem.ts). */
      code?: string
      /** The call's id, which the log has too. */
      call_id?: string
    }
    interface Locals {
      session: SessionInfo | null
      /** Why nobody can say who this is: the API does not answer. */
      away: Trouble | null
      /** The person's machine, as edge saw it. */
      client_address: string
      /** The page asks by itself, and nobody pressed anything. */
      passive: boolean
    }
    interface PageState {
      /** The shared document that a visitor reads: going back leads to the list. */
      reading?: string
    }
    interface PageData {
      session: SessionInfo | null
    }
  }
}

export {}

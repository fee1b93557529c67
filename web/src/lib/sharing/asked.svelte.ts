/** What somebody wants to share now. One dialog for all pages: it outlives the row or panel that asked for it. */
import type { SharedThing } from './thing.ts'

class Asked {
  things: SharedThing[] = $state.raw([])
  open = $state(false)
  /** The dialog is loaded when somebody asks for the first time. */
  ever = $state(false)

  share(things: SharedThing[]): void {
    this.things = things
    this.ever = true
    this.open = true
  }
}

export const sharing = new Asked()

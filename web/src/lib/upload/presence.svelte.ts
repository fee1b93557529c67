/** Whether there are uploads to show, and how many are on their way. Small, so that every page can ask without loading the engine. */
let any = $state(false)
let open = $state(0)

export const presence = {
  get any(): boolean {
    return any
  },
  get open(): number {
    return open
  },
  set(shown: { any: boolean; open: number }) {
    any = shown.any
    open = shown.open
  }
}

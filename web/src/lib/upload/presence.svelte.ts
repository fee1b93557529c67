/** Whether there are uploads to show. Small, so that every page can ask without loading the engine. */
let any = $state(false)

export const presence = {
  get any(): boolean {
    return any
  },
  set any(value: boolean) {
    any = value
  }
}

/** Which tab drives an upload: the one that holds its lock. A tab that dies lets go by itself. */
const PREFIX = 'portico-upload:'

/** Takes an upload for this tab, or answers null when another has it. The answer lets it go. */
export function claim(id: string): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(PREFIX + id, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null)
        return new Promise<void>((release) => resolve(release))
      })
      .catch(reject)
  })
}

/** Ids of uploads that some tab of this browser drives. */
export async function claimed(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query()
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? name.slice(PREFIX.length) : [])))
}

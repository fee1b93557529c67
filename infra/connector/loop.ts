/** One kind's loop: claims as many jobs as there are free places and works on them; kinds never wait for each other. */
import { errorFacts, log } from '../../functions/_shared/log.ts'

export type Loop = {
  /** Look for work now. Cheap when there is none, harmless when called too often. */
  wake: () => void
  /** Claims nothing more; resolves when what runs has ended. */
  drain: () => Promise<void>
}

/**
 * @param places jobs worked on at the same time
 * @param claim takes up to so many due jobs
 * @param work never rejects: what fails is written to the job
 */
export function startLoop<J>(
  kind: string,
  places: number,
  claim: (count: number) => Promise<J[]>,
  work: (job: J) => Promise<void>
): Loop {
  const running = new Set<Promise<void>>()
  let claiming: Promise<void> | undefined
  let again = false
  let stopped = false

  async function claimMore(): Promise<void> {
    do {
      again = false
      const free = places - running.size
      if (free <= 0 || stopped) return
      const jobs = await claim(free)
      for (const job of jobs) start(job)
    } while (again)
  }

  function start(job: J): void {
    const one = work(job).finally(() => {
      running.delete(one)
      wake()
    })
    running.add(one)
  }

  function wake(): void {
    if (stopped) return
    if (claiming) {
      again = true
      return
    }
    claiming = claimMore()
      .catch((error: unknown) => log.warn('not_claimed', { kind, ...errorFacts(error) }))
      .finally(() => {
        claiming = undefined
        if (again) wake()
      })
  }

  return {
    wake,
    drain: async () => {
      stopped = true
      await claiming
      await Promise.all(running)
    }
  }
}

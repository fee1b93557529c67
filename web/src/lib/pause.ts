/** For what is asked while somebody types: once, when no letter came for a moment. */
export type Pause = {
  /** Does `act` after the moment, in the place of what was to be done before. */
  after: (act: () => unknown) => void
  /** What was to be done is not. */
  drop: () => void
}

/** `wait`: milliseconds without a letter. A component drops it when it goes: whoever leaves is not led back. */
export function pause(wait: number): Pause {
  let timer: ReturnType<typeof setTimeout> | undefined
  const drop = () => clearTimeout(timer)
  return {
    drop,
    after: (act) => {
      drop()
      timer = setTimeout(() => void act(), wait)
    }
  }
}

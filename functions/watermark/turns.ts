/** Pages are drawn a few at a time, in the order in which they were asked for: 200 visitors at once would be 3 GB of pixels. */

/** Two cores are busy with two; a third page is ready when one of them is done. */
const AT_ONCE = 3

let under_way = 0
const waiting: (() => void)[] = []

/** Does the work when its turn has come; not at all when nobody waits for it any more, then it throws the signal's reason. */
export async function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (under_way >= AT_ONCE) await new Promise<void>((go) => waiting.push(go))
  else under_way += 1
  try {
    signal.throwIfAborted()
    return await work()
  } finally {
    // The place is handed on, or free.
    const next = waiting.shift()
    if (next) next()
    else under_way -= 1
  }
}

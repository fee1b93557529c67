/**
 * Pages are drawn a few at a time: 200 visitors at once would be 3 GB of pixels. Those who wait take turns, so that
 * whoever asks for hundreds of pages holds up nobody who asks for one.
 */

/** Two cores are busy with two; a third page is ready when one of them is done. */
const AT_ONCE = 3

/** A person, or a link with its visits, as long as something of theirs is under way or waits. */
type Party = { under_way: number; waiting: Map<string, (() => void)[]> }

let under_way = 0
/** Who had no turn for the longest time comes first; so do the visits in each. */
const parties = new Map<string, Party>()

/**
 * Does the work when its turn has come; not at all when nobody waits for it any more, then it throws the signal's reason.
 *
 * @param asker whose turn it is: a person's id, or a link's and a visit's with "/" between them. A link counts as one,
 * however many visits it has; these take turns among themselves.
 */
export async function inTurn<T>(asker: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const [name = '', visit = ''] = asker.split('/')
  const party = parties.get(name) ?? { under_way: 0, waiting: new Map() }
  parties.set(name, party)
  if (under_way >= AT_ONCE) await new Promise<void>((go) => queueUp(party, visit, go))
  else begin(party)
  try {
    signal.throwIfAborted()
    return await work()
  } finally {
    under_way -= 1
    party.under_way -= 1
    if (party.under_way === 0 && party.waiting.size === 0) parties.delete(name)
    beginNext()
  }
}

function queueUp(party: Party, visit: string, go: () => void): void {
  const queue = party.waiting.get(visit)
  if (queue) queue.push(go)
  else party.waiting.set(visit, [go])
}

function begin(party: Party): void {
  under_way += 1
  party.under_way += 1
}

/** Of those who wait, whoever has the fewest pages under way; of these, who had no turn for the longest time. */
function beginNext(): void {
  let next: [string, Party] | undefined
  for (const one of parties)
    if (one[1].waiting.size > 0 && (!next || one[1].under_way < next[1].under_way)) next = one
  if (!next) return
  const [name, party] = next
  for (const [visit, [go, ...rest]] of party.waiting) {
    party.waiting.delete(visit)
    if (rest.length > 0) party.waiting.set(visit, rest)
    parties.delete(name)
    parties.set(name, party)
    begin(party)
    go?.()
    return
  }
}

/** How long the store is waited for. Apart from client.ts, which brings the SDK along. */

/** Milliseconds until an answer begins. With the second attempt it is within what a function has for its own answer. */
export const ANSWER = 10_000
/** A page of a listing, the deleting of a thousand versions: the store walks through its folders for them. */
export const MANY = 60_000
/** Milliseconds for a part of an upload: the answer begins when the store has written it. */
export const PART = 120_000
/** The copying or joining of several GB, during which not a byte may pass. */
export const COPY = 600_000

/**
 * Limits that throw, for a connection can fall silent without a word: `requestTimeout` alone is a line in the log. It ends
 * with the first byte of the answer; from then on just silence counts, so that a long body may take its time.
 */
export const limits = (answer: number, silence: number) => ({
  connectionTimeout: 2_000,
  requestTimeout: answer,
  throwOnRequestTimeout: true,
  socketTimeout: silence
})

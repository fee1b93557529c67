/** The engine's own figures. Where the contract has the same one, a test holds them together. */

/** Files in one call that creates or completes (contract: MAX_BATCH). */
export const BATCH = 500
/** The first call creates few, so that sending starts at once. */
export const FIRST_BATCH = 20
/** Created but not yet sending: their URLs live an hour, so no more are asked for beforehand. */
export const CREATED_AHEAD = 1_000
/** Bytes; larger files are refused before anything is asked (contract: MAX_FILE_SIZE). */
export const MAX_FILE_SIZE = 50 * 1024 ** 3
/** Bytes of a file's beginning that its head hash covers. */
export const HEAD_SIZE = 1024 * 1024
/** URLs of parts fetched in one call (the contract takes 200; an hour's worth of a slow line is enough). */
export const URLS_AT_ONCE = 32
/** Milliseconds in which finished files wait for each other before they are completed in one call. */
export const COALESCE_MS = 150
/** Milliseconds without a byte after which a request counts as lost. */
export const STALL_MS = 30_000
/** How often one piece may be refused (403 and the like) before its file fails. */
export const MAX_REFUSALS = 4

/**
 * Requests to the store at a time. A browser opens six connections to one origin under HTTP/1.1; the live channel
 * holds one and our own calls need one, else they would wait behind 16 MiB parts. From HTTP/2 on there is no such limit.
 */
export const requestsAtOnce = (protocol: string): number => (protocol === 'http/1.1' ? 4 : 6)

/** How often somebody may try. Counted in Postgres, so that every copy of a function counts the same tries. */
import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import RateLimiterPostgres from 'rate-limiter-flexible/lib/RateLimiterPostgres.js'
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js'
import type { Database } from './db/database.ts'
import { Problem } from './problem.ts'

/**
 * Tries and seconds. Wrong passwords: tight for an account from one address, wide for the account and for the address,
 * so that a stranger who guesses at an account keeps its owner out neither from elsewhere nor for long.
 */
const WINDOWS = {
  sign_in_pair: { points: 10, duration: 300 },
  sign_in_account: { points: 100, duration: 900 },
  sign_in_address: { points: 200, duration: 900 },
  /** Of all together from browsers that are new: no more than the machine may hash, and over in seconds for everybody. */
  sign_in_all: { points: 120, duration: 10 },
  /** A browser that this account was signed in with before has tries of its own, which no stranger uses up. */
  sign_in_device: { points: 10, duration: 300 },
  reset_account: { points: 3, duration: 3_600 },
  /** As with the sign-in: strangers who ask do not use up what an owner may from their own browser. */
  reset_device: { points: 3, duration: 3_600 },
  reset_address: { points: 20, duration: 3_600 },
  reset_all: { points: 2_000, duration: 3_600 },
  prove: { points: 5, duration: 300 },
  email_change: { points: 5, duration: 3_600 },
  second_factor: { points: 5, duration: 300 },
  second_factor_hour: { points: 20, duration: 3_600 },
  code_account: { points: 5, duration: 900 },
  code_address: { points: 60, duration: 3_600 },
  code_all: { points: 2_000, duration: 3_600 },
  code_all_sms: { points: 500, duration: 3_600 },
  way_in: { points: 30, duration: 3_600 },
  way_in_person: { points: 10, duration: 3_600 },
  passkey_ask: { points: 300, duration: 600 },
  provider_visit: { points: 300, duration: 600 },
  provider_test: { points: 30, duration: 600 },
  link_password: { points: 10, duration: 300 },
  link_passwords: { points: 100, duration: 900 },
  link: { points: 60, duration: 600 },
  invite: { points: 200, duration: 3_600 },
  invite_recipient: { points: 10, duration: 3_600 },
  import: { points: 30, duration: 3_600 },
  emergency: { points: 10, duration: 3_600 },
  key: { points: 600, duration: 60 },
  key_failed: { points: 60, duration: 600 },
  /** Each leaves an entry in the store until it ends. */
  s3_session: { points: 60, duration: 3_600 }
} as const
export type Limit = keyof typeof WINDOWS

export type Try = { limit: Limit; key: string }
export type Limits = ReturnType<typeof openLimits>

/** The limits of one database. */
export function openLimits(database: Database) {
  const limiters = new Map<Limit, RateLimiterPostgres>()
  const of = (limit: Limit) => {
    const known = limiters.get(limit)
    if (known) return known
    const limiter = new RateLimiterPostgres({
      storeClient: database.pool,
      storeType: 'pool',
      tableName: 'rate_limit',
      tableCreated: true,
      keyPrefix: limit,
      ...WINDOWS[limit]
    })
    limiters.set(limit, limiter)
    return limiter
  }

  return {
    /**
     * Counts one try, before the work: fifty at once are fifty. In the order given, and a limit that refuses hides the
     * try from those after it: who is already stopped alone does not use up what is shared with others.
     * Throws Problem too_many_attempts with the seconds after which trying again makes sense.
     */
    spend: async (tries: Try[]): Promise<void> => {
      for (const { limit, key } of tries) {
        const wait = await of(limit)
          .consume(digest(key))
          .then(() => 0, millisecondsLeft)
        if (wait > 0)
          throw new Problem('too_many_attempts', 'Too many attempts.', { retryAfter: wait / 1000 })
      }
    },

    /** After a success: what was counted for it against these limits is given back. */
    giveBack: async (tries: Try[]): Promise<void> => {
      await Promise.all(tries.map(({ limit, key }) => of(limit).reward(digest(key))))
    },

    /** Whoever proved who they are starts again. */
    forget: async (tries: Try[]): Promise<void> => {
      await Promise.all(tries.map(({ limit, key }) => of(limit).delete(digest(key))))
    }
  }
}

/** Whether an error says that somebody tried too often. */
export const isLimited = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'too_many_attempts'

/** What the limiter rejects with is its count, or an error of the database. */
function millisecondsLeft(reason: unknown): number {
  if (reason instanceof RateLimiterRes) return Math.max(1_000, reason.msBeforeNext)
  throw reason
}

/** The table needs no addresses and no names to count. */
const digest = (key: string): string => createHash('sha256').update(key).digest('base64url')

/** Whose address it is: one machine for IPv4, a household's /64 for IPv6, where everybody has 2^64 of them. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...gap, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

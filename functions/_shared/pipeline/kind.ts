/** What the connector asks of each kind of job. One module per kind beside this one; kinds.ts lists them. */
import type { Act } from '../db/audit.ts'
import type { Session, Database } from '../db/database.ts'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Signer } from '../storage/sign.ts'

/** A claimed job. `token` is the claim: who lost it cannot complete the job any more. */
export type Job = {
  id: string
  kind: string
  data: unknown
  /** Where a continued job goes on; null at its beginning. */
  cursor: unknown
  fairness_key: string
  /** 1 at the first attempt. */
  attempt: number
  max_attempts: number
  token: string
  /** The function that this claim called, for the job's history; none: the connector did it alone, or did not get so far. */
  called?: string
  /** The W3C traceparent of what asked for it; none: it came by itself, by the clock. */
  trace?: string | null
  created_at?: string
}

/** The outside world of the kinds. The transaction of `apply` is not among it: it is given to it. */
export type Deps = {
  database: Database
  store: S3Client
  /** Signs for the store's inner address, which functions use. */
  signer: Signer
  /** The key of the tokens by which functions know the connector (auth/job-token.ts). */
  job_signing_key: Uint8Array
}

/** A call of a function. The connector adds the token; `body` goes as JSON. */
export type Call = {
  function: string
  path: string
  body: unknown
  /** Seconds that the function may take; the connector gives up a little later. */
  limit_seconds: number
}

/**
 * What came of the call, or of the decision without one. `result` is the kind's own. `dead`: refused, and the firm's people
 * shall see it as a dead letter.
 */
export type Answer =
  | { outcome: 'done'; result: unknown }
  | { outcome: 'continue'; cursor: unknown; result: unknown }
  | { outcome: 'retry'; after_seconds: number; reason: string }
  | { outcome: 'refused'; reason: string; dead?: boolean }

export type Kind = {
  /** Jobs of this kind that one connector works on at the same time. */
  at_once: number
  /** A function or connector that died over the same job so often does not get it again. Absence of others never counts. */
  attempts: number
  /** Functions that the jobs after this one will call: woken now, so that their start costs nobody time. */
  needs_soon?: string[]
  /**
   * The call that this job needs, or the answer when it needs none. Outside any transaction; may look into the store.
   * Throws when something it needs is away: the job is tried again.
   */
  prepare: (job: Job, deps: Deps) => Promise<{ call: Call } | { answer: Answer }>
  /** Looks at what really arrived before it is believed (outside the transaction). Left out: the answer is taken. */
  look?: (job: Job, answer: Answer, deps: Deps) => Promise<Answer>
  /** The projects that the job is about, for its dead letter; the pipeline itself stands above row-level security. */
  projects: (job: Job) => string[]
  /**
   * Writes what `done` and `continue` change, in the transaction that completes the job; pushes the acts for the
   * audit log, which the connector writes last. Whatever it does must be true once, however often the job ran.
   */
  apply: (session: Session, job: Job, answer: Answer, acts: Act[]) => Promise<void>
  /** Refused, or out of attempts: the state says why, so that nobody waits for ever. Same transaction as above. */
  give_up: (session: Session, job: Job, reason: string, acts: Act[]) => Promise<void>
}

/**
 * digest: one mail about all that is due for one person. Counts and a link, no names: mail is read on the way. Who may see
 * what is asked again when the mail is made; whoever has lost access gets none.
 */
import { z } from 'zod'
import { unsubscribeToken } from '../auth/unsubscribe.ts'
import { config } from '../config.ts'
import { Id, Locale } from '../contract/common.ts'
import type { Mail, NotifyRequest } from '../contract/mail.ts'
import { NoticeKind } from '../contract/notice.ts'
import { LegalTexts } from '../contract/person.ts'
import { blocks, row, rows, run } from '../db/database.ts'
import { mailRetry } from '../rules/notice.ts'
import type { Deps, Job, Kind } from './kind.ts'
import { mailImprint } from './mail-imprint.ts'

const sql = blocks<'claim' | 'recipient' | 'news' | 'mailed' | 'not_mailed'>(
  new URL('./digest.sql', import.meta.url)
)

/** Seconds. */
const LIMIT = 30

const DigestJob = z.object({ person_id: Id })
const Recipient = z.object({
  email: z.string(),
  locale: Locale,
  time_zone: z.string(),
  firm: z.string(),
  imprint: LegalTexts
})
const News = z.object({ project_id: Id, kind: NoticeKind, thing_id: Id })
type News = z.infer<typeof News>

export const digest: Kind = {
  at_once: 4,
  attempts: 12,

  prepare: async (job, deps) => {
    const { person_id } = DigestJob.parse(job.data)
    const { pool } = deps.database
    await run(pool, sql('claim'), [job.id, person_id])
    const recipient = await row(pool, sql('recipient'), [person_id], Recipient)
    const news = recipient ? await rows(pool, sql('news'), [job.id, person_id], News) : []
    if (!recipient || news.length === 0) return { answer: { outcome: 'done', result: null } }
    const { email, imprint, ...reader } = recipient
    const mail: Mail = {
      ...reader,
      template: 'news',
      code: null,
      expires_at: null,
      imprint: mailImprint(imprint, reader.locale),
      ...(await contentOf(person_id, news))
    }
    const body: NotifyRequest = { job: job.id, kind: 'notify', attempt: job.attempt, to: email, mail }
    return { call: { function: 'notify', path: '/', body, limit_seconds: LIMIT } }
  },

  /** Nobody notices that a mail never came: what is refused, or waited for in vain, is a dead letter. */
  look: async (job, answer, deps) => {
    if (answer.outcome === 'refused') return { ...answer, dead: true }
    if (answer.outcome !== 'retry') return answer
    const after_seconds = mailRetry(await ageOf(job, deps), answer.after_seconds)
    if (after_seconds === null) return { outcome: 'refused', reason: answer.reason, dead: true }
    return { ...answer, after_seconds }
  },

  projects: () => [],

  apply: async (session, job, answer, acts) => {
    if (answer.outcome !== 'done') return
    if (answer.result === null) return void (await run(session, sql('not_mailed'), [job.id]))
    await run(session, sql('mailed'), [job.id])
    acts.push({
      action: 'mail.sent',
      actor_id: null,
      subject_id: DigestJob.parse(job.data).person_id,
      facts: { template: 'news', job_id: job.id }
    })
  },

  /** The dead letter is in the log; the entries stay in the inbox. */
  give_up: async (session, job) => void (await run(session, sql('not_mailed'), [job.id]))
}

async function contentOf(
  person_id: string,
  news: News[]
): Promise<Pick<Mail, 'link' | 'news' | 'unsubscribe'>> {
  const token = await unsubscribeToken(person_id)
  const counts = new Map<NoticeKind, number>()
  for (const { kind } of news) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return {
    link: `${config.origin}${placeOf(news)}`,
    news: [...counts].map(([kind, count]) => ({ kind, count })),
    unsubscribe: {
      page: `${config.origin}/unsubscribe/${token}`,
      one_click: `${config.origin}/api/v1/auth/unsubscribe/${token}`
    }
  }
}

const ARCHIVES: ReadonlySet<NoticeKind> = new Set(['archive', 'archive_failed'])

/** As near to the news as one link can lead. */
function placeOf(news: News[]): string {
  const [first] = news
  if (news.every((one) => ARCHIVES.has(one.kind))) return '/archives'
  if (
    news.length === 1 &&
    first &&
    first.kind !== 'access' &&
    first.kind !== 'guest' &&
    first.kind !== 'lock'
  )
    return `/documents/${first.thing_id}${first.kind === 'comment' ? '?comments' : ''}`
  const projects = new Set(news.map((one) => one.project_id))
  return first && projects.size === 1 ? `/projects/${first.project_id}` : '/inbox'
}

const Age = z.object({ age: z.number() })

/** Seconds since the job was made. */
async function ageOf(job: Job, deps: Deps): Promise<number> {
  const question = 'select extract(epoch from now() - created_at)::float8 as age from job where id = $1'
  return (await row(deps.database.pool, question, [job.id], Age))?.age ?? 0
}

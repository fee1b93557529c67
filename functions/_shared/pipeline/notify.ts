/** notify: one mail to one person. Addresses and the link's secret are looked up at the last moment, not kept in jobs. */
import { z } from 'zod'
import { unseal } from '../auth/sealed.ts'
import { config } from '../config.ts'
import { Id, Locale, Time } from '../contract/common.ts'
import { Mail, type NotifyRequest } from '../contract/mail.ts'
import { LegalTexts } from '../contract/person.ts'
import { blocks, row } from '../db/database.ts'
import type { Call, Answer, Deps, Job, Kind } from './kind.ts'
import { mailImprint } from './mail-imprint.ts'

const sql = blocks<'recipient' | 'firm' | 'open_link' | 'open_share' | 'open_code'>(
  new URL('./notify.sql', import.meta.url)
)

/** Seconds. */
const LIMIT = 30

/** What such a job carries, by template. */
export const NotifyJob = z.discriminatedUnion('template', [
  z.object({
    template: z.enum(['invitation', 'reset']),
    person_id: Id,
    link_id: Id,
    /** JWE of the whole link: its secret lies nowhere in clear. */
    link: z.string()
  }),
  z.object({ template: z.literal('access'), person_id: Id }),
  z.object({ template: z.literal('emergency'), person_id: Id, emergency_id: Id }),
  z.object({ template: z.literal('backup'), person_id: Id }),
  z.object({ template: z.literal('scanner'), person_id: Id }),
  z.object({ template: z.literal('given_up'), person_id: Id }),
  z.object({ template: z.literal('webhook'), person_id: Id, webhook_id: Id }),
  z.object({ template: z.literal('recovered'), person_id: Id }),
  z.object({ template: z.literal('factors'), person_id: Id }),
  z.object({ template: z.literal('way_in'), person_id: Id }),
  z.object({ template: z.literal('way_in_used'), person_id: Id }),
  /** To another administrator, about the one who is to be let in. */
  z.object({ template: z.literal('way_in_confirm'), person_id: Id, about_id: Id }),
  /** To whoever is away, and to the deputy. */
  z.object({ template: z.literal('deputy'), person_id: Id }),
  /** To another administrator, about the one who is away. */
  z.object({ template: z.literal('deputy_of_other'), person_id: Id, about_id: Id }),
  z.object({
    template: z.literal('code'),
    person_id: Id,
    code_id: Id,
    /** JWE of the code. */
    sealed: z.string()
  }),
  z.object({
    template: z.literal('sms_code'),
    person_id: Id,
    code_id: Id,
    sealed: z.string(),
    /** JWE of the number: the job and the log hold none. */
    to: z.string()
  }),
  z.object({ template: z.literal('renewal'), person_id: Id, link_id: Id, project_id: Id }),
  z.object({
    template: z.literal('link'),
    link_id: Id,
    project_id: Id,
    locale: Locale,
    /** JWE of LinkMail: to whom, and the whole link. Neither lies anywhere in clear. */
    sealed: z.string()
  }),
  z.object({ template: z.literal('password_changed'), person_id: Id }),
  z.object({ template: z.literal('new_device'), person_id: Id }),
  z.object({
    template: z.enum(['email', 'email_changed']),
    person_id: Id,
    link_id: Id,
    /** JWE of LinkMail: not to the account's address. */
    sealed: z.string()
  }),
  z.object({ template: z.literal('held'), person_id: Id, document_id: Id, project_id: Id })
])
export type NotifyJob = z.infer<typeof NotifyJob>
type MailJob = Exclude<NotifyJob, { template: 'sms_code' }>

/** What is sealed in the job of a link's mail: its reader has no account. */
export const LinkMail = z.object({ to: z.email(), url: z.url() })

const Recipient = z.object({
  email: z.string(),
  locale: Locale,
  time_zone: z.string(),
  firm: z.string(),
  imprint: LegalTexts
})
const OpenLink = z.object({ expires_at: Time })
type Target = Pick<Mail, 'link' | 'expires_at'> & Partial<Pick<Mail, 'code'>>

export const notify: Kind = {
  at_once: 4,
  attempts: 12,

  prepare: async (job, deps) => {
    const data = NotifyJob.parse(job.data)
    if (data.template === 'sms_code') return textMessage(job, data, deps)
    const recipient = await recipientOf(data, deps)
    const target = recipient && (await targetOf(data, deps))
    if (!recipient || !target) return { answer: { outcome: 'done', result: null } }
    const { email, imprint, ...reader } = recipient
    const mail = Mail.parse({
      template: data.template,
      ...reader,
      ...target,
      imprint: mailImprint(imprint, reader.locale)
    })
    const body: NotifyRequest = { job: job.id, kind: 'notify', attempt: job.attempt, to: email, mail }
    return { call: { function: 'notify', path: '/', body, limit_seconds: LIMIT } }
  },

  projects: () => [],

  apply: async (_session, job, answer, acts) => {
    if (answer.outcome !== 'done' || answer.result === null) return
    const data = NotifyJob.parse(job.data)
    acts.push({
      action: 'mail.sent',
      actor_id: null,
      subject_id: data.template === 'link' ? data.link_id : data.person_id,
      ...aboutOf(data),
      facts: { template: data.template, job_id: job.id }
    })
  },

  /** The dead letter is in the log already; a mail that nobody got changes nothing else. */
  give_up: async () => undefined
}

/** Nothing is sent once the code was used, or another one asked for. */
async function textMessage(
  job: Job,
  data: NotifyJob & { template: 'sms_code' },
  deps: Deps
): Promise<{ call: Call } | { answer: Answer }> {
  const { pool } = deps.database
  const recipient = await row(pool, sql('recipient'), [data.person_id], Recipient)
  const open = await row(pool, sql('open_code'), [data.code_id], OpenLink)
  if (!recipient || !open) return { answer: { outcome: 'done', result: null } }
  const { locale, firm } = recipient
  const sms = { to: (await unseal(data.to)).text, code: (await unseal(data.sealed)).text, locale, firm }
  const body: NotifyRequest = { job: job.id, kind: 'notify', attempt: job.attempt, sms }
  return { call: { function: 'notify', path: '/', body, limit_seconds: LIMIT } }
}

/** Null: somebody who was deactivated since, or a link that has ended. */
async function recipientOf(data: NotifyJob, deps: Deps): Promise<z.infer<typeof Recipient> | null> {
  const { pool } = deps.database
  if (data.template === 'email' || data.template === 'email_changed') {
    const person = await row(pool, sql('recipient'), [data.person_id], Recipient)
    return person && { ...person, email: (await linkMailOf(data)).to }
  }
  if (data.template !== 'link') return row(pool, sql('recipient'), [data.person_id], Recipient)
  const { to } = await linkMailOf(data)
  const firm = await row(
    pool,
    sql('firm'),
    [],
    Recipient.pick({ firm: true, time_zone: true, imprint: true })
  )
  return firm && { ...firm, email: to, locale: data.locale }
}

/** Where the mail leads; null when there is nothing to be told any more: the invitation was used or replaced. */
async function targetOf(data: MailJob, deps: Deps): Promise<Target | null> {
  if (data.template === 'access') return { link: `${config.origin}/`, expires_at: null }
  if (data.template === 'emergency') return { link: `${config.origin}/emergency`, expires_at: null }
  if (data.template === 'scanner' || data.template === 'given_up')
    return { link: `${config.origin}/jobs`, expires_at: null }
  if (data.template === 'backup') return { link: `${config.origin}/settings/backups`, expires_at: null }
  if (data.template === 'webhook')
    return { link: `${config.origin}/settings/webhooks/${data.webhook_id}`, expires_at: null }
  if (data.template === 'recovered' || data.template === 'factors')
    return { link: `${config.origin}/account/security`, expires_at: null }
  if (data.template === 'way_in') return { link: `${config.origin}/sign-in`, expires_at: null }
  if (data.template === 'way_in_used') return { link: `${config.origin}/account#devices`, expires_at: null }
  if (data.template === 'deputy') return { link: `${config.origin}/account/deputies`, expires_at: null }
  if (data.template === 'way_in_confirm' || data.template === 'deputy_of_other')
    return { link: `${config.origin}/people/${data.about_id}`, expires_at: null }
  if (data.template === 'code') return codeTarget(data, deps)
  if (data.template === 'held')
    return { link: `${config.origin}/documents/${data.document_id}`, expires_at: null }
  if (data.template === 'renewal')
    return { link: `${config.origin}/projects/${data.project_id}/links#l-${data.link_id}`, expires_at: null }
  // Whoever did not do it needs a new password, and signed out they find that page.
  if (data.template === 'password_changed') return { link: `${config.origin}/forgot`, expires_at: null }
  if (data.template === 'new_device') return { link: `${config.origin}/account#devices`, expires_at: null }
  if (data.template === 'link') return linkTarget(data, deps)
  return ownLinkTarget(data, deps)
}

/** Null: it was used, or another one was asked for. */
async function codeTarget(data: NotifyJob & { template: 'code' }, deps: Deps): Promise<Target | null> {
  const open = await row(deps.database.pool, sql('open_code'), [data.code_id], OpenLink)
  return open && { link: `${config.origin}/`, code: (await unseal(data.sealed)).text, ...open }
}

async function ownLinkTarget(
  data: NotifyJob & { template: 'invitation' | 'reset' | 'email' | 'email_changed' },
  deps: Deps
): Promise<Pick<Mail, 'link' | 'expires_at'> | null> {
  const open = await row(deps.database.pool, sql('open_link'), [data.link_id], OpenLink)
  if (!open) return null
  const link = 'link' in data ? (await unseal(data.link)).text : (await linkMailOf(data)).url
  return { link, expires_at: open.expires_at }
}

const linkMailOf = async (data: { sealed: string }) =>
  LinkMail.parse(JSON.parse((await unseal(data.sealed)).text))

async function linkTarget(
  data: NotifyJob & { template: 'link' },
  deps: Deps
): Promise<Pick<Mail, 'link' | 'expires_at'> | null> {
  const open = await row(deps.database.pool, sql('open_share'), [data.link_id], OpenLink)
  return open && { link: (await linkMailOf(data)).url, ...open }
}

function aboutOf(data: NotifyJob): { document_id?: string; project_id?: string } {
  if (data.template === 'held') return { document_id: data.document_id, project_id: data.project_id }
  return data.template === 'link' || data.template === 'renewal' ? { project_id: data.project_id } : {}
}

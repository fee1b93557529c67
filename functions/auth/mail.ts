/** Mail about somebody's own way in. Written in the transaction of what it tells; nothing of it is content. */
import { seal } from '../_shared/auth/sealed.ts'
import { type Session, blocks, run } from '../_shared/db/database.ts'
import type { MadeLink } from './link.ts'

const sql = blocks<'tell'>(new URL('./mail.sql', import.meta.url))

const tell = (on: Session, data: object, key: string) => run(on, sql('tell'), [data, key])

/** The link by which a forgotten password is chosen anew. */
export const mailReset = async (on: Session, person_id: string, { id, url }: MadeLink): Promise<unknown> =>
  tell(on, { template: 'reset', person_id, link_id: id, link: await seal(url) }, `reset:${id}`)

export const mailPasswordChanged = (on: Session, person_id: string) =>
  tell(on, { template: 'password_changed', person_id }, `password_changed:${person_id}`)

/** @param session_id the one that began in a browser which is new */
export const mailNewDevice = (on: Session, person_id: string, session_id: string) =>
  tell(on, { template: 'new_device', person_id }, `new_device:${session_id}`)

/** @param to not the address of the account: the one that it is to have, or had. It lies in the job sealed only. */
export const mailAddress = async (
  on: Session,
  template: 'email' | 'email_changed',
  person_id: string,
  to: string,
  { id, url }: MadeLink
): Promise<unknown> =>
  tell(
    on,
    { template, person_id, link_id: id, sealed: await seal(JSON.stringify({ to, url })) },
    `${template}:${id}`
  )

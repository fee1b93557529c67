/** Deputies: named, listed, ended. When a window is fine is rules/deputy.ts; what a deputy may do is the access rule's. */
import { z } from 'zod'
import type { Caller } from '../_shared/auth/caller.ts'
import { Id, Time, Who } from '../_shared/contract/common.ts'
import { type Deputies, Deputyship, type NewDeputy, ToldDeputyship } from '../_shared/contract/deputy.ts'
import type { Act } from '../_shared/db/audit.ts'
import { type Session, blocks, row, rows, run } from '../_shared/db/database.ts'
import { Problem, notFound } from '../_shared/problem.ts'
import { deputyWindow, toldOfDeputy } from '../_shared/rules/deputy.ts'

const sql = blocks<
  | 'person'
  | 'hold'
  | 'list'
  | 'possible'
  | 'overlaps'
  | 'write'
  | 'administrators'
  | 'tell'
  | 'mail'
  | 'told'
  | 'read'
  | 'one'
  | 'end'
>(new URL('./deputies.sql', import.meta.url))

const Found = z.object({ id: Id })
const Made = Found.extend({ valid_from: Time })
const One = z.object({ id: Id, absent_id: Id, deputy_id: Id })

/** Throws not_found for who is not of the firm, or reads the log only. */
export async function deputiesOf(session: Session, caller: Caller, person_id: string): Promise<Deputies> {
  const person = await row(session, sql('person'), [person_id], Who)
  if (!person) throw notFound()
  const found = await rows(session, sql('list'), [person_id], Deputyship)
  return {
    person,
    deputies: found.filter((one) => one.absent.id === person.id),
    stands_in: found.filter((one) => one.deputy.id === person.id),
    possible: await rows(session, sql('possible'), [person_id, caller.id], Who)
  }
}

/**
 * Names one for oneself, or as an administrator for somebody else. Throws forbidden where the caller would be the deputy,
 * invalid_request for a window or a person that does not do, or where the same one is named for part of it already.
 */
export async function nameDeputy(
  session: Session,
  caller: Caller,
  wish: NewDeputy,
  acts: Act[]
): Promise<Deputies> {
  const absent_id = wish.absent_id ?? caller.id
  if (absent_id !== caller.id && caller.staff_role !== 'administrator')
    throw new Problem('forbidden', 'For others administrators name.')
  if (absent_id === wish.deputy_id) throw refused('deputy_id', 'self', 'Nobody is their own deputy.')
  if (wish.deputy_id === caller.id) throw new Problem('forbidden', 'Nobody makes themselves a deputy.')
  const window = deputyWindow({ from: wish.valid_from, until: wish.valid_until }, new Date())
  if ('refused' in window) throw refused('valid_until', window.refused, 'This window does not do.')
  // In one order, whoever is named: two who name each other at once wait for each other, not for ever.
  for (const id of [absent_id, wish.deputy_id].toSorted())
    if (!(await row(session, sql('hold'), [id], Who)))
      throw refused(id === absent_id ? 'absent_id' : 'deputy_id', 'unknown', 'Nobody of the firm who does.')
  const { from, until } = window
  if (await row(session, sql('overlaps'), [absent_id, wish.deputy_id, from, until], Found))
    throw refused('deputy_id', 'overlaps', 'Named for part of this time already.')
  const made = await row(session, sql('write'), [absent_id, wish.deputy_id, from, until, caller.id], Made)
  if (!made) throw new Error('a deputy was not written')
  acts.push({
    ...{ action: 'deputy.named', actor_id: caller.id, subject_id: wish.deputy_id },
    facts: { deputyship_id: made.id, absent_id, valid_from: made.valid_from, valid_until: until }
  })
  await tell(session, { id: made.id, by: caller.id, absent: absent_id, deputy: wish.deputy_id })
  return deputiesOf(session, caller, absent_id)
}

/** Before its time, by either of both or an administrator. Throws not_found for what is over, or none of theirs. */
export async function endDeputy(session: Session, caller: Caller, id: string, acts: Act[]): Promise<void> {
  const held = await row(session, sql('one'), [id], One)
  const isOwn = held && [held.absent_id, held.deputy_id].includes(caller.id)
  if (!held || (!isOwn && caller.staff_role !== 'administrator')) throw notFound()
  await run(session, sql('end'), [id, caller.id])
  acts.push({
    ...{ action: 'deputy.ended', actor_id: caller.id, subject_id: held.deputy_id },
    facts: { deputyship_id: id, absent_id: held.absent_id }
  })
  await announce(session, [held.absent_id, held.deputy_id])
}

/** In the inbox, by mail, and live. Names stand in no mail. */
async function tell(
  session: Session,
  named: { id: string; by: string; absent: string; deputy: string }
): Promise<void> {
  const administrators = (await rows(session, sql('administrators'), [named.by], Found)).map((one) => one.id)
  const { concerned, others } = toldOfDeputy(named, administrators)
  await run(session, sql('tell'), [named.id, [...concerned, ...others]])
  for (const person_id of concerned)
    await run(session, sql('mail'), [{ template: 'deputy', person_id }, `deputy:${named.id}:${person_id}`])
  for (const person_id of others) {
    const data = { template: 'deputy_of_other', person_id, about_id: named.absent }
    await run(session, sql('mail'), [data, `deputy:${named.id}:${person_id}`])
  }
  await announce(session, [named.by, ...concerned, ...others])
}

/** Of what the reader has not said that they read. */
export const toldDeputies = (session: Session, readerId: string): Promise<ToldDeputyship[]> =>
  rows(session, sql('told'), [readerId], ToldDeputyship)

export async function markDeputiesRead(
  session: Session,
  readerId: string,
  ids: string[] | null
): Promise<void> {
  await run(session, sql('read'), [readerId, ids])
  await announce(session, [readerId])
}

async function announce(session: Session, people: string[]): Promise<void> {
  for (const id of people) await run(session, 'select announce($1)', [`person:${id}`])
}

const refused = (field: string, code: string, detail: string) =>
  new Problem('invalid_request', detail, { errors: [{ field, code, detail }] })

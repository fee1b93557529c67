/** What the doors need of a person's row. */
import { z } from 'zod'
import { Id, type Locale } from '../_shared/contract/common.ts'
import { NextStep } from '../_shared/contract/person.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'
import type { KeptPassword } from './password.ts'

const sql = blocks<
  | 'by_email_key'
  | 'second_factor'
  | 'offer_second_factor'
  | 'confirm_second_factor'
  | 'use_step'
  | 'organisations'
  | 'set_locale'
  | 'learn_length'
  | 'begin'
  | 'join'
  | 'create_administrator'
>(new URL('./person.sql', import.meta.url))

type On = Parameters<typeof row>[0]

const Account = z.object({
  id: Id,
  password_hash: z.string().nullable(),
  password_alone: z.boolean(),
  /** False: the firm's staff sign in by the provider only. */
  password_opens: z.boolean()
})
const SecondFactorRow = z.object({ totp_secret: z.string().nullable(), confirmed: z.boolean() })
const Owing = z.object({ owes: NextStep })
const Found = z.object({ id: Id })
const Belonging = z.object({ id: Id, name: z.string(), administers: z.boolean() })

const touched = async (on: On, text: string, values: unknown[]): Promise<boolean> =>
  (await row(on, text, values, Found)) !== null

/** The active account of an address; null when there is none. */
export const findAccount = (on: On, emailKey: string) => row(on, sql('by_email_key'), [emailKey], Account)

/** The sealed secret, and whether a code of it was ever shown. */
export const findSecondFactor = (on: On, id: string) => row(on, sql('second_factor'), [id], SecondFactorRow)

/** Keeps a sealed secret that is still to be confirmed. False: there is a confirmed one. */
export const offerSecondFactor = (on: On, id: string, sealed: string) =>
  touched(on, sql('offer_second_factor'), [id, sealed])

/** Makes the offered secret the second factor and uses up the step of its first code. False: somebody was faster. */
export const confirmSecondFactor = (on: On, id: string, sealed: string, step: number) =>
  touched(on, sql('confirm_second_factor'), [id, sealed, step])

/** Uses a time step up. False: it, or a later one, was used before. */
export const useTotpStep = (on: On, id: string, step: number) => touched(on, sql('use_step'), [id, step])

/** The organisations that somebody belongs to now. */
export const organisationsOf = (on: On, id: string) => rows(on, sql('organisations'), [id], Belonging)

export const setLocale = (on: On, id: string, locale: Locale) => touched(on, sql('set_locale'), [id, locale])

/** A password from before its length was kept, seen at the door to be long enough to stand alone. */
export const learnLength = (on: On, id: string, password_hash: string) =>
  touched(on, sql('learn_length'), [id, password_hash])

/** What somebody owes who has just shown their password; their first sign-in is remembered. */
export async function beginWithPassword(on: Session, id: string): Promise<NextStep> {
  const begun = await row(on, sql('begin'), [id], Owing)
  if (!begun) throw new Error('somebody who showed a password is not there')
  return begun.owes
}

/** Takes an invited person in. False: they are in already, or deactivated. */
export const join = (
  on: Session,
  person: { id: string; password: KeptPassword; name: string; locale: Locale }
) =>
  touched(on, sql('join'), [
    person.id,
    person.password.hash,
    person.name,
    person.locale,
    person.password.alone
  ])

/** The first administrator's row. */
export async function createAdministrator(
  on: Session,
  person: { name: string; email: string; email_key: string; locale: Locale; password: KeptPassword }
): Promise<string> {
  const made = await row(
    on,
    sql('create_administrator'),
    [person.name, person.email, person.email_key, person.locale, person.password.hash, person.password.alone],
    Found
  )
  if (!made) throw new Error('a person was not written')
  return made.id
}

/**
 * A sensitive act asks for a factor again (functions/_shared/auth/proof.ts). One dialog asks for all of them; whoever called
 * repeats the act then, and nothing that was typed is lost.
 */
import type { Trouble } from '#lib/problem.ts'

type Asked = { answer: Promise<boolean>; settle: (proved: boolean) => void }

let asked: Asked | null = null

/** `ever`: the dialog's code is loaded with the first question. */
export const proof = $state({ ever: false, open: false })

/** True once a factor was shown, false when the dialog was closed instead. Questions at the same time are one. */
export function prove(): Promise<boolean> {
  proof.ever = true
  proof.open = true
  if (asked) return asked.answer
  const { promise, resolve } = Promise.withResolvers<boolean>()
  asked = { answer: promise, settle: resolve }
  return promise
}

/** The dialog's answer. */
export function settle(proved: boolean): void {
  proof.open = false
  asked?.settle(proved)
  asked = null
}

export const isAskedFor = (problem: Pick<Trouble, 'code'> | null | undefined): boolean =>
  problem?.code === 'proof_needed'

/** Forms with JavaScript: one submission at a time, and what was typed stays when the answer is a problem. */
import { type ActionResult, enhance } from '$app/forms'
import { tick } from 'svelte'
import type { Attachment } from 'svelte/attachments'
import { giveFocus } from './left.ts'
import { failureOf } from './problem.ts'
import { isAskedFor, prove } from './proof.svelte.ts'

type Wishes = {
  /** True while the answer is awaited. */
  busy?: (busy: boolean) => void
  /** After a success that led nowhere else. */
  done?: () => void
}

export function form(wishes: Wishes = {}): Attachment<HTMLFormElement> {
  return (element) => {
    let under_way = false
    const { destroy } = enhance(element, ({ cancel, submitter }) => {
      if (under_way) return cancel()
      under_way = true
      wishes.busy?.(true)
      return async ({ result, update }) => {
        under_way = false
        wishes.busy?.(false)
        if (await isSentAgain(result, element, submitter)) return
        if (result.type === 'success') wishes.done?.()
        await update({ reset: false })
        // The act may have taken away what had the focus: a row, or the button itself.
        if (result.type === 'success') void tick().then(() => giveFocus(null))
      }
    })
    return destroy
  }
}

/** Where an act wants a factor shown again: asks for it, and sends the form as it stands once more. */
export async function isSentAgain(
  result: ActionResult,
  element: HTMLFormElement,
  submitter: HTMLElement | null
): Promise<boolean> {
  if (result.type !== 'failure' || !isAskedFor(failureOf(result.data)?.problem)) return false
  if (!(await prove())) return false
  element.requestSubmit(submitter)
  return true
}

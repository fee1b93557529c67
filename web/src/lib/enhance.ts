/** Forms with JavaScript: one submission at a time, and what was typed stays when the answer is a problem. */
import { enhance } from '$app/forms'
import type { Attachment } from 'svelte/attachments'

type Wishes = {
  /** True while the answer is awaited. */
  busy?: (busy: boolean) => void
  /** After a success that led nowhere else. */
  done?: () => void
}

export function form(wishes: Wishes = {}): Attachment<HTMLFormElement> {
  return (element) => {
    let under_way = false
    const { destroy } = enhance(element, ({ cancel }) => {
      if (under_way) return cancel()
      under_way = true
      wishes.busy?.(true)
      return async ({ result, update }) => {
        under_way = false
        wishes.busy?.(false)
        if (result.type === 'success') wishes.done?.()
        await update({ reset: false })
      }
    })
    return destroy
  }
}

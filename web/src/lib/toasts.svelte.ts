/** Short notes at the edge of the page. A reversible act gives its undo for 10 s. */

export type Toast = { id: number; text: string; undo: (() => void | Promise<void>) | null }

const NOTE_MS = 5_000
const UNDO_MS = 10_000

let last = 0
const shown = $state<Toast[]>([])

export const toasts = {
  get all(): readonly Toast[] {
    return shown
  }
}

/** Says `text`; with `undo` for 10 s the way back. */
export function toast(text: string, undo: Toast['undo'] = null): void {
  last += 1
  const id = last
  shown.push({ id, text, undo })
  setTimeout(() => dismiss(id), undo ? UNDO_MS : NOTE_MS)
}

export function dismiss(id: number): void {
  const at = shown.findIndex((one) => one.id === id)
  if (at >= 0) shown.splice(at, 1)
}

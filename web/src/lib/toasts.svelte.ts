/** Short notes at the edge of the page. A reversible act gives its undo for 10 s, or while the focus is on it. */

export type Toast = { id: number; text: string; undo: (() => void | Promise<void>) | null }

const NOTE_MS = 5_000
const UNDO_MS = 10_000

let last = 0
const shown = $state<Toast[]>([])
const timers = new Map<number, ReturnType<typeof setTimeout>>()

export const toasts = {
  get all(): readonly Toast[] {
    return shown
  }
}

/** Says `text`; with `undo` for 10 s the way back. */
export function toast(text: string, undo: Toast['undo'] = null): void {
  last += 1
  const one = { id: last, text, undo }
  shown.push(one)
  letGo(one)
}

/** It stays until it is let go. */
export function hold({ id }: Toast): void {
  clearTimeout(timers.get(id))
}

export function letGo({ id, undo }: Toast): void {
  clearTimeout(timers.get(id))
  timers.set(
    id,
    setTimeout(() => dismiss(id), undo ? UNDO_MS : NOTE_MS)
  )
}

export function dismiss(id: number): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
  const at = shown.findIndex((one) => one.id === id)
  if (at >= 0) shown.splice(at, 1)
}

/** Takes back the last act whose undo is still offered; false when there is none. */
export function undoLast(): boolean {
  const one = shown.findLast(({ undo }) => undo !== null)
  if (!one) return false
  void one.undo?.()
  dismiss(one.id)
  return true
}

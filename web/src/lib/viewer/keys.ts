/** The viewer by keyboard. Pure: a key becomes an act, or null when it is none of ours. */
export type Act = 'next' | 'previous' | 'first' | 'last' | 'in' | 'out' | 'fit' | 'back'

const KEYS: Record<string, Act> = {
  PageDown: 'next',
  ArrowRight: 'next',
  PageUp: 'previous',
  ArrowLeft: 'previous',
  Home: 'first',
  End: 'last',
  '+': 'in',
  '=': 'in',
  '-': 'out',
  '0': 'fit',
  Escape: 'back'
}

type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }

/** Ctrl, ⌘ and Alt belong to the browser (its own zoom, its own history). */
export function actOf(press: Press): Act | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null
  return KEYS[press.key] ?? null
}

/** Steps of zoom; 1 is the width of the column. */
const STEPS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3]

/** The next step up or down, or the same at the end. */
export function zoomStep(zoom: number, way: 'in' | 'out'): number {
  const next =
    way === 'in' ? STEPS.find((step) => step > zoom + 0.01) : STEPS.findLast((step) => step < zoom - 0.01)
  return next ?? zoom
}

/**
 * A page stands before its scripts listen. What somebody did in between is kept by the script in app.html and done here,
 * once everything listens: what was opened, typed and chosen, files that were picked, then the last press or the form that
 * was sent, as people press again.
 */
type Kept = {
  type: string
  target: EventTarget | null
  submitter?: HTMLElement | null
  value?: string
  checked?: boolean
  open?: boolean
}

declare global {
  interface Window {
    early?: Kept[]
    keepEarly?: (event: Event) => void
    sendEarly?: ReturnType<typeof setTimeout>
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** Links and popovers act without scripts, and the buttons of forms are heard as what they send. */
const NEEDS_SCRIPTS = 'button[type=button]:not([popovertarget], [commandfor])'

let first = true

/** Whether the page that came from the server is still coming to life. */
export const isFirstPage = (): boolean => first

/** Call once, when the first page listens. */
export function replayEarly(): void {
  first = false
  const { early = [], keepEarly, sendEarly } = window
  clearTimeout(sendEarly)
  if (keepEarly)
    for (const type of ['click', 'input', 'change', 'toggle', 'submit'])
      removeEventListener(type, keepEarly, true)
  unfold(early)
  fill(early)
  const acts = early.filter(({ type, target }) => type === 'submit' || pressable(target))
  const last = acts.at(-1)
  if (last?.type === 'click') pressable(last.target)?.click()
  if (last?.target instanceof HTMLFormElement && last.target.isConnected)
    last.target.requestSubmit(last.submitter?.isConnected ? last.submitter : null)
}

function unfold(early: Kept[]): void {
  for (const { type, target, open = false } of early)
    if (type === 'toggle' && target instanceof HTMLDetailsElement) target.open = open
}

/** A page that comes to life sets its controls to what the server knew. */
function fill(early: Kept[]): void {
  const last = new Map<Control, Kept>()
  for (const kept of early) {
    if (!isControl(kept.target) || kept.type === 'click') continue
    last.delete(kept.target)
    last.set(kept.target, kept)
  }
  for (const [control, { value = '', checked = false }] of last) {
    if (!control.isConnected) continue
    if (control.type !== 'file') control.value = value
    else if ((control as HTMLInputElement).files?.length === 0) continue
    if ('checked' in control) control.checked = checked
    for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }))
  }
}

const isControl = (target: EventTarget | null): target is Control =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement

function pressable(target: EventTarget | null): HTMLButtonElement | null {
  const button = target instanceof Element ? target.closest<HTMLButtonElement>(NEEDS_SCRIPTS) : null
  return button?.isConnected && !button.disabled ? button : null
}

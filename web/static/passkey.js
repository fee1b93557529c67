/* Signing in with a passkey alone, by the button or out of the address field's suggestions (conditional UI). */

/* A question is good for five minutes: one that waits in the field is asked anew before. */
const ANEW_MS = 4 * 60_000

async function post(path, body) {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const answer = await fetch(`/api/v1/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.json()
}

export function offer(box) {
  const button = box.querySelector('button')
  const trouble = box.querySelector('[role=alert]')
  let waiting = new AbortController()
  let anew

  /* The browser has one question open at a time: the one before is taken back. */
  async function ask(mediation) {
    waiting.abort()
    clearTimeout(anew)
    const { signal } = (waiting = new AbortController())
    const { options } = await post('/passkeys/sign-in/options', {})
    if (signal.aborted) return
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    if (mediation === 'conditional') anew = setTimeout(wait, ANEW_MS)
    const credential = await navigator.credentials.get({ publicKey, mediation, signal })
    trouble.textContent = ''
    button.setAttribute('aria-busy', 'true')
    try {
      await post('/passkeys/sign-in', { credential: credential.toJSON() })
    } catch {
      trouble.textContent = box.dataset.failed
      button.removeAttribute('aria-busy')
      void wait()
      return
    }
    location.assign(box.dataset.next)
  }

  /* Where it cannot be offered in the field, the button stays. */
  async function wait() {
    const can = await PublicKeyCredential.isConditionalMediationAvailable?.()
    if (can) await ask('conditional').catch(() => undefined)
  }

  button.addEventListener('click', async () => {
    trouble.textContent = ''
    try {
      await ask('optional')
    } catch {
      trouble.textContent = box.dataset.stopped
      void wait()
    }
  })
  void wait()
}

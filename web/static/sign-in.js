/* All the script that the sign-in page has: the framework is not loaded there (docs/decisions/sign-in-page.md). */
const field = document.querySelector('input[type=password]')
const form = field.form

const button = document.createElement('button')
button.type = 'button'
button.className = field.dataset.button
const paint = () => {
  const shown = field.type === 'text'
  button.textContent = shown ? field.dataset.hide : field.dataset.show
  button.setAttribute('aria-pressed', String(shown))
}
button.addEventListener('click', () => {
  field.type = field.type === 'text' ? 'password' : 'text'
  paint()
})
paint()
field.classList.add('pe-24')
field.after(button)

/* Once is enough; a page that comes back by the back button may send again. */
let sent = false
form.addEventListener('submit', (event) => {
  if (sent) event.preventDefault()
  sent = true
})
addEventListener('pageshow', () => (sent = false))

/* The passkey's script is loaded only where the browser can use it. */
const passkey = document.querySelector('#passkey')
if (passkey && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  passkey.hidden = false
  void import('/passkey.js').then(({ offer }) => offer(passkey))
}

/** Through the front door as a person does it: e-mail, password, the app's code. */
import type { BrowserContext, Page } from 'playwright-core'
import { ApiClient } from '../../../infra/demo/api-client.ts'
import { nextCode } from '../../../infra/demo/app.ts'
import type { DemoPerson } from '../../../infra/demo/seed.ts'

/** Signs in and ends on the home page. A code works once: if another script used it, the next one is typed. */
export async function signInAs(page: Page, person: DemoPerson): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill(person.password)
  await page.locator('input[name=password]').press('Enter')
  await page.waitForURL('**/second-factor**')
  if (await codeIsTaken(page, person.totp_secret)) return
  // Afresh: what was said about the first code would be taken for an answer to the second.
  await page.goto('/second-factor')
  if (!(await codeIsTaken(page, person.totp_secret))) throw new Error('no code was taken')
}

/** Types the code of this moment; true once the home page is there, false when the code was refused. */
async function codeIsTaken(page: Page, secret: string): Promise<boolean> {
  await page.locator('input[name=code]').fill(await nextCode(secret))
  const home = page.waitForURL((url) => url.pathname === '/').then(() => true)
  const refused = page
    .locator('#code[aria-invalid], [role=alert], [tabindex="-1"] h2')
    .first()
    .waitFor()
    .then(() => false)
  refused.catch(() => {})
  home.catch(() => {})
  return Promise.race([home, refused])
}

const sessions = new Map<string, string>()

/** Signed in without the door: for journeys that are about something else. One session a person and test file. */
export async function enterAs(context: BrowserContext, origin: string, person: DemoPerson): Promise<void> {
  let cookie = sessions.get(person.email)
  if (!cookie) {
    const client = new ApiClient(origin)
    await client.signIn(person)
    cookie = client.cookie
    sessions.set(person.email, cookie)
  }
  const cut = cookie.indexOf('=')
  await context.addCookies([{ name: cookie.slice(0, cut), value: cookie.slice(cut + 1), url: origin }])
}

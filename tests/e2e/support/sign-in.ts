/** Through the front door as a person does it: e-mail, password, the app's code. */
import { setTimeout as wait } from 'node:timers/promises'
import { generate } from 'otplib'
import type { Page } from 'playwright-core'
import type { DemoPerson } from '../../../infra/demo/seed.ts'

/** Signs in and ends on the home page. A code works once: if it was just used, the next one is typed (≤ 30 s). */
export async function signInAs(page: Page, person: DemoPerson): Promise<void> {
  await page.goto('/sign-in')
  await page.locator('input[name=email]').fill(person.email)
  await page.locator('input[name=password]').fill(person.password)
  await page.locator('input[name=password]').press('Enter')
  await page.waitForURL('**/second-factor**')
  await typeCode(page, person.totp_secret)
  if (
    await page
      .waitForURL((url) => url.pathname === '/', { timeout: 4_000 })
      .then(
        () => true,
        () => false
      )
  )
    return
  await wait(30_000 - (Date.now() % 30_000) + 500)
  await typeCode(page, person.totp_secret)
  await page.waitForURL((url) => url.pathname === '/')
}

async function typeCode(page: Page, secret: string): Promise<void> {
  await page.locator('input[name=code]').fill(await generate({ secret }))
}

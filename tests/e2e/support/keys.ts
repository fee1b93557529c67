/** A page worked by keyboard alone: the focus gets somewhere by Tab or not at all, and it can be seen there. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { nextCode } from '../../../infra/demo/app.ts'
import type { DemoPerson } from '../../../infra/demo/seed.ts'

/** More steps than any page has places for the focus before what one wants. */
const MOST_STEPS = 90

const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement)

/** Tab until it has the focus, and the focus can be seen. Throws when no way leads there. */
export async function reach(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let step = 0; step < MOST_STEPS; step += 1) {
    if (await hasFocus(target)) {
      const seen = await target.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      })
      assert.ok(seen, `no mark of the focus on ${target}`)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never comes to ${target}`)
}

export async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await reach(page, target)
  await page.keyboard.press(key)
}

/** Replaces what stands in a field. */
export async function write(page: Page, field: Locator, text: string): Promise<void> {
  await reach(page, field)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}

/** A plain list: takes the option whose name begins so. */
export async function select(page: Page, list: Locator, text: string): Promise<void> {
  await press(page, list, 'Home')
  await page.keyboard.type(text)
}

/** A field that looks among many: words, until one option is left that Enter takes. */
export async function pick(page: Page, field: Locator, text: string): Promise<void> {
  await write(page, field, text)
  await page.getByRole('listbox').getByRole('option', { name: text, selected: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('listbox').waitFor({ state: 'hidden' })
}

/** A day, the same number as its month (which of the two stands first is the browser's affair), and six o'clock. */
export async function writeDay(page: Page, field: Locator, no: string, year: number): Promise<void> {
  await reach(page, field)
  await page.keyboard.type(`${no}${no}${year}`)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.type('0600')
  await page.keyboard.type('PM') // where there are twice twelve hours
  assert.match(await field.inputValue(), new RegExp(`^${year}-${no}-${no}T`))
}

export const menu = (page: Page, label: string): Locator => page.locator(`summary[aria-label="${label}"]`)

/** Something has the focus when a dialog is gone, or whoever works by keys begins at the top again. */
export async function keepsFocus(page: Page, when: string): Promise<void> {
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await page
    .waitForFunction(() => document.activeElement !== document.body, undefined, { timeout: 5_000 })
    .catch(() => assert.fail(`the focus is lost ${when}`))
}

export async function typePassword(page: Page, email: string, password: string): Promise<void> {
  await write(page, page.locator('input[name=email]'), email)
  await write(page, page.locator('input[name=password]'), password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/second-factor**')
}

/** In by the front door, with the app's code. */
export async function signInByKeys(page: Page, person: DemoPerson): Promise<void> {
  await page.goto('/sign-in')
  await typePassword(page, person.email, person.password)
  await reach(page, page.locator('input[name=code]'))
  await page.keyboard.type(await nextCode(person.totp_secret))
  await page.waitForURL((url) => url.pathname === '/')
}

/** A choice among many, made as people do: some letters, and a press on what comes. */
import type { Locator, Page } from 'playwright-core'

/** The field that scripts make of the plain list. */
export const choiceField = (within: Page | Locator, label: string): Locator =>
  within.locator('input').and(within.getByRole('combobox', { name: label }))

export async function choose(within: Page | Locator, label: string, name: string): Promise<void> {
  await choiceField(within, label).fill(name)
  await within.getByRole('listbox').getByRole('option', { name }).first().click()
}

/** axe-core against a page, to WCAG 2.2 AA and axe's own best practices. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** One line per finding: rule, what is wrong, the elements. Empty when there is none. */
export async function axeFindings(page: Page): Promise<string[]> {
  // Runs in the tool's own world, which the page's Content-Security-Policy does not govern.
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    type Found = {
      violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
    }
    const run: () => Promise<Found> = Reflect.get(globalThis, 'axe').run
    return (await run()).violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`)
    }))
  })
  return violations.map((one) => `${one.id}: ${one.help}\n    ${one.nodes.join('\n    ')}`)
}

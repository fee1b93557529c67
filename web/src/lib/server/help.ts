/** The help texts, as built from docs/help (scripts/help.ts). On the server only: a page brings the one that is read. */
import type { Locale } from '#lib/contract.ts'
import type { HelpNode } from '#lib/help/node.ts'
import type { Topic } from '#lib/help/topics.ts'

type Text = { title: string; nodes: HelpNode[] }

const texts = import.meta.glob<Text>('../../../../docs/help/*/*.md', { eager: true, import: 'default' })

/** Throws for a text that was never written; tests/unit/help.test.ts says so first. */
export function helpText(locale: Locale, topic: Topic): Text {
  const text = texts[`../../../../docs/help/${locale}/${topic}.md`]
  if (!text) throw new Error(`no help text ${locale}/${topic}`)
  return text
}

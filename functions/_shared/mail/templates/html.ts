/** The page of a mail: one column, no images, nothing from other servers, readable in light and dark. */
import type { Locale } from '../../contract/common.ts'

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** Text as HTML content or as the value of a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign)

export type Page = {
  locale: Locale
  title: string
  firm: string
  paragraphs: string[]
  /** With a code there is no link to press: it is typed where it was asked for. */
  button: { text: string; link: string; code: string | null }
  small: string[]
  /** A quiet link at the end. */
  last?: { text: string; link: string } | null
  /** The firm's imprint below all of it. */
  imprint?: { text: string; lang: Locale; name: string; page: string } | null
}

const FONT = 'font-family: system-ui, -apple-system, Segoe UI, Roboto, sans-serif'

/** Every text is escaped here, and only here. */
export function htmlPage(page: Page): string {
  const paragraph = (text: string, style: string) => `<p style="${style}">${escapeHtml(text)}</p>`
  return `<!doctype html>
<html lang="${page.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)}</title>
</head>
<body style="${FONT}; font-size: 16px; line-height: 1.5; max-width: 34em; margin: 0 auto; padding: 24px">
${paragraph(page.firm, 'font-weight: 600; margin: 0 0 24px')}
${page.paragraphs.map((text) => paragraph(text, 'margin: 0 0 16px')).join('\n')}
${page.button.code === null ? linkPart(page.button) : codePart(page.button.text, page.button.code)}
${page.small.map((text) => paragraph(text, 'margin: 0 0 8px; font-size: 14px; opacity: 0.75')).join('\n')}
${page.last ? `<p style="margin: 0; font-size: 14px"><a href="${escapeHtml(page.last.link)}" style="color: inherit">${escapeHtml(page.last.text)}</a></p>` : ''}
${page.imprint ? imprintPart(page.imprint) : ''}
</body>
</html>
`
}

function linkPart(button: { text: string; link: string }): string {
  const link = escapeHtml(button.link)
  return `<p style="margin: 24px 0"><a href="${link}" style="display: inline-block; padding: 12px 20px; border-radius: 8px; background: #1d4ed8; color: #ffffff; text-decoration: none; font-weight: 600">${escapeHtml(button.text)}</a></p>
<p style="margin: 0 0 24px; font-size: 14px; overflow-wrap: anywhere">${link}</p>`
}

const codePart = (name: string, code: string): string =>
  `<p style="margin: 24px 0 4px; font-size: 14px">${escapeHtml(name)}</p>
<p style="margin: 0 0 24px; font: 600 28px/1.2 ui-monospace, Consolas, monospace; letter-spacing: 0.08em">${escapeHtml(code)}</p>`

function imprintPart({ text, lang, name, page }: NonNullable<Page['imprint']>): string {
  const lines = escapeHtml(text).replaceAll('\n', '<br>\n')
  return `<div style="margin: 24px 0 0; padding: 16px 0 0; border-top: 1px solid #8884; font-size: 13px; overflow-wrap: anywhere">
<p lang="${lang}" style="margin: 0 0 8px; opacity: 0.75">${lines}</p>
<p style="margin: 0"><a href="${escapeHtml(page)}" style="color: inherit">${escapeHtml(name)}</a></p>
</div>`
}

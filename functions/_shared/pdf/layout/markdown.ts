/** Markdown as it is meant to be read. HTML in it is shown as text, pictures as their description: nothing is loaded. */
import { type Token, type Tokens, marked } from 'marked'
import { htmlText } from './html-text.ts'
import { Flow, type Span, type Style } from './flow.ts'

/** Letters; longer ones (80 pages) are shown as they stand. */
export const MAX_MARKDOWN = 256 * 1024
/** Levels of lists and quotes that are set further in. */
const MAX_INDENT = 8

const BODY = 10
const SIZES = [20, 16, 13, 11, 10, 10]

type Place = { indent: number; bar: boolean }

export function markdownSheets(text: string): Flow['sheets'] {
  const flow = new Flow()
  // A head of settings between lines of three dashes is the program's, not the text's.
  const own = text.replace(/^\uFEFF?---\r?\n[\s\S]{0,4000}?\r?\n---\r?\n/, '')
  blocks(flow, marked.lexer(own, { gfm: true }), { indent: 0, bar: false })
  return flow.sheets
}

function blocks(flow: Flow, tokens: Token[], place: Place): void {
  for (const token of tokens) block(flow, token, place)
}

function block(flow: Flow, token: Token, { indent, bar }: Place): void {
  const style: Style = { size: BODY, indent: Math.min(indent, MAX_INDENT) * 18, before: 6, bar }
  switch (token.type) {
    case 'heading': {
      const size = SIZES[token.depth - 1] ?? BODY
      return flow.text(bold(inline(token.tokens ?? [])), { ...style, size, before: size })
    }
    case 'hr':
      return flow.rule()
    case 'code':
      return flow.text([{ text: token.text, face: 'DejaVuSansMono' }], {
        ...style,
        size: 9,
        ground: true,
        indent: (style.indent ?? 0) + 6
      })
    case 'blockquote':
      return blocks(flow, token.tokens ?? [], { indent: indent + 1, bar: true })
    case 'list':
      return list(flow, token as Tokens.List, { indent: indent + 1, bar })
    case 'table':
      return table(flow, token as Tokens.Table, style)
    case 'html':
      return flow.text([{ text: htmlText(token.raw), face: 'DejaVuSans' }], style)
    case 'space':
    case 'def':
      return
    default:
      return flow.text(inline('tokens' in token && token.tokens ? token.tokens : [token]), style)
  }
}

function list(flow: Flow, { items, ordered, start }: Tokens.List, place: Place): void {
  items.forEach((item, index) => {
    const box = item.task ? (item.checked ? '☑' : '☐') : null
    const sign = box ?? (ordered ? `${(start || 1) + index}.` : '•')
    // Marked puts the box of a task among its words as well.
    const tokens = item.tokens.filter((token) => token.type !== 'checkbox')
    const [first, ...rest] = tokens
    const words = first && (first.type === 'text' || first.type === 'paragraph')
    const own = words && 'tokens' in first && first.tokens ? inline(first.tokens) : []
    const indent = Math.min(place.indent, MAX_INDENT) * 18
    flow.text(own.length > 0 ? own : [{ text: ' ', face: 'DejaVuSans' }], {
      size: BODY,
      indent,
      before: 3,
      bar: false,
      sign
    })
    blocks(flow, words ? rest : tokens, place)
  })
}

/** Tables in a text are small: a row a line, cells apart; the first row is the head. */
function table(flow: Flow, { header, rows }: Tokens.Table, style: Style): void {
  const cells = (row: Tokens.TableCell[], set: (spans: Span[]) => Span[]) =>
    row.flatMap((cell, index) => [
      ...(index > 0 ? [{ text: '  |  ', face: 'DejaVuSans' } as const] : []),
      ...set(inline(cell.tokens))
    ])
  flow.text(cells(header, bold), { ...style, ground: true })
  for (const row of rows)
    flow.text(
      cells(row, (spans) => spans),
      { ...style, before: 1 }
    )
}

const bold = (spans: Span[]): Span[] =>
  spans.map((span) => (span.face === 'DejaVuSans' ? { ...span, face: 'DejaVuSans-Bold' } : span))

/** Spans within a paragraph. A link keeps its address where its words do not say it. */
function inline(tokens: Token[]): Span[] {
  return tokens.flatMap((token): Span[] => {
    const inner = 'tokens' in token && token.tokens ? inline(token.tokens) : null
    switch (token.type) {
      case 'strong':
        return bold(inner ?? [])
      case 'codespan':
        return [{ text: unescape(token.text), face: 'DejaVuSansMono' }]
      case 'br':
        return [{ text: '\n', face: 'DejaVuSans' }]
      case 'image':
        return [{ text: `[${token.text || token.href}]`, face: 'DejaVuSans' }]
      case 'link':
        return [
          ...(inner ?? []),
          ...(token.href === token.text || token.href === `mailto:${token.text}`
            ? []
            : [{ text: ` (${token.href})`, face: 'DejaVuSans' } as const])
        ]
      case 'html':
        return /^<br\b/i.test(token.raw) ? [{ text: '\n', face: 'DejaVuSans' }] : []
      default:
        return inner ?? [{ text: unescape(token.raw.replace(/\s*\n\s*/g, ' ')), face: 'DejaVuSans' }]
    }
  })
}

const unescape = (text: string): string =>
  /[&\\]/.test(text) ? htmlEntities(text.replace(/\\([!-/:-@[-`{-~])/g, '$1')) : text

/** Entities only; what looks like an element stays. */
const htmlEntities = (text: string): string =>
  text.replace(/&(?:#\w{1,8}|[a-z]{2,8});/gi, (entity) => htmlText(entity) || entity)

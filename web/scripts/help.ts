/** Help texts (docs/help/<language>/<topic>.md) as trees, made while building: readers' browsers parse no Markdown. */
import { type Token, type Tokens, lexer } from 'marked'
import { dirname, resolve } from 'node:path'
import type { Plugin } from 'vite'
import type { HelpNode } from '../src/lib/help/node.ts'

export type HelpText = {
  title: string
  /** Without the title. A picture's `src` is as written, from the text's folder. */
  nodes: HelpNode[]
  pictures: string[]
  /** Topics that it leads to. */
  links: string[]
}

const TAGS: Record<string, string> = {
  paragraph: 'p',
  strong: 'strong',
  em: 'em',
  codespan: 'code',
  list_item: 'li'
}

/** The part of a reading that remembers what the text leads to. */
type Found = Pick<HelpText, 'pictures' | 'links'>

function draw(tokens: Token[], found: Found): HelpNode[] {
  return tokens.filter((token) => token.type !== 'space').map((token) => drawOne(token, found))
}

function drawOne(token: Token, found: Found): HelpNode {
  const children = () => draw('tokens' in token ? (token.tokens ?? []) : [], found)
  if (isOf(token, 'link')) {
    const topic = /^([a-z-]+)\.md$/.exec(token.href)?.[1]
    if (!topic) throw new Error(`a help text leads only to topics: ${token.href}`)
    found.links.push(topic)
    return { tag: 'a', href: `/help/${topic}`, children: children() }
  }
  if (isOf(token, 'image')) {
    if (!token.text) throw new Error(`a picture without words: ${token.href}`)
    found.pictures.push(token.href)
    return { tag: 'img', src: token.href, alt: token.text, children: [] }
  }
  if (isOf(token, 'heading')) return { tag: `h${token.depth}`, children: children() }
  if (isOf(token, 'list')) return { tag: token.ordered ? 'ol' : 'ul', children: draw(token.items, found) }
  if (isOf(token, 'codespan')) return { tag: 'code', children: [token.text] }
  if (isOf(token, 'text') || isOf(token, 'escape')) {
    if (!token.tokens) return token.text
    // The words of a list's entry: a level of their own in Markdown, not on the page.
    const inner = children()
    const [only] = inner
    return inner.length === 1 && only !== undefined ? only : { tag: 'span', children: inner }
  }
  const tag = TAGS[token.type]
  if (!tag) throw new Error(`a help text holds no ${token.type}: ${token.raw}`)
  return { tag, children: children() }
}

type Kinds = {
  link: Tokens.Link
  image: Tokens.Image
  heading: Tokens.Heading
  list: Tokens.List
  codespan: Tokens.Codespan
  text: Tokens.Text
  escape: Tokens.Text
}
const isOf = <K extends keyof Kinds>(token: Token, kind: K): token is Kinds[K] => token.type === kind

/** Throws on raw HTML, on links that are no topics, on pictures without words, and without a title. */
export function readHelp(markdown: string): HelpText {
  const [first, ...rest] = lexer(markdown)
  if (!first || !isOf(first, 'heading') || first.depth !== 1)
    throw new Error('a help text begins with its title')
  const found: Found = { pictures: [], links: [] }
  return { title: first.text, nodes: draw(rest, found), ...found }
}

/** `import text from 'x.md'`: the title and the tree, with the pictures' addresses as built. */
export const help: Plugin = {
  name: 'portico-help',
  transform(code, id) {
    if (!id.endsWith('.md')) return
    const { title, nodes, pictures } = readHelp(code)
    const imports = pictures.map(
      (file, no) => `import p${no} from ${JSON.stringify(resolve(dirname(id), file))}`
    )
    // A picture's address stands in the tree once, quoted: there it becomes the name of what was imported.
    const tree = pictures.reduce(
      (text, file, no) => text.replace(`"src":${JSON.stringify(file)}`, `"src":p${no}`),
      JSON.stringify(nodes)
    )
    const text = `export default { title: ${JSON.stringify(title)}, nodes: ${tree} }`
    return { code: [...imports, text].join('\n'), map: null }
  }
}

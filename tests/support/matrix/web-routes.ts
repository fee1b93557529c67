/** What web/src/routes holds, read from the folder: pages and endpoints by their paths, with the actions of their forms. */
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../web/src/routes/', import.meta.url))

export type WebRoute = {
  /** As people type it, parameters in brackets: /projects/[id]/people */
  path: string
  /** Of an endpoint; a page is read by GET. */
  methods: string[]
  /** Of a page's forms. */
  actions: string[]
  /** Names that its actions read from a form. */
  fields: string[]
}

/** Every page and endpoint, in the order of their paths. */
export function webRoutes(): WebRoute[] {
  const files = globSync('**/+{page.svelte,server.ts}', { cwd: ROOT })
  return files.map(routeOf).toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function routeOf(file: string): WebRoute {
  const folder = dirname(file)
  const path = `/${folder.replaceAll(/(^|\/)\([^/]+\)/g, '').replace(/^[./]+/, '')}`
  if (file.endsWith('+server.ts'))
    return { path, methods: exportsOf(`${ROOT}${file}`), actions: [], fields: fieldsOf(`${ROOT}${file}`) }
  const server = `${ROOT}${folder}/+page.server.ts`
  return { path, methods: ['GET'], actions: actionsOf(server), fields: fieldsOf(server) }
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The exported constants of a file, with their values. */
function exported(file: string): Map<string, ts.Expression | undefined> {
  const source = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true)
  const found = new Map<string, ts.Expression | undefined>()
  for (const statement of source.statements)
    if (
      ts.isVariableStatement(statement) &&
      statement.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)
    )
      for (const one of statement.declarationList.declarations)
        found.set(one.name.getText(source), one.initializer)
  return found
}

const exportsOf = (file: string): string[] =>
  [...exported(file).keys()].filter((name) => /^[A-Z]+$/.test(name))

function actionsOf(file: string): string[] {
  const actions = exported(file).get('actions')
  return actions && ts.isObjectLiteralExpression(actions)
    ? actions.properties.map((one) => one.name?.getText() ?? '')
    : []
}

/** Every name that the file takes out of an object, and every text in `get('…')`: more than its forms have, never fewer. */
const fieldsOf = (file: string): string[] => {
  const text = textOf(file)
  const names = [
    ...text.matchAll(/typed\.(\w+)/g),
    ...text.matchAll(/(?:get|getAll)\('(\w+)'\)/g),
    ...text.matchAll(/[{,]\s*(\w+)(?:\s*=\s*'')?(?=[^{}();]*\}\s*(?:\)|=|:))/g)
  ]
  return [...new Set(names.map(([, name]) => name ?? ''))]
}

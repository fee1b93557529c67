/** The images of infra/deploy/Dockerfile, built as an installation builds them but for their base. */
import { readStack } from '../../../infra/runner/stack.ts'
import { importNode } from './base.ts'
import type { Engine } from './engine.ts'

/** Images of a test carry this name in place of a registry's, so that they are never taken for others. */
export const REGISTRY = 'portico-test'
export const BASE = `${REGISTRY}/node:${process.versions.node}`
export const imageName = (name: string): string => `${REGISTRY}/portico-${name}:test`

export type Built = { image: string; megabytes: number }

/** What lies in the repository, whether committed or not; nothing that git ignores. */
const CONTEXT = `git ls-files -z --cached --others --exclude-standard |
  while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\\0' "$file"; done | tar --null -cf - -T -`

/** Builds one target; layers that are there already are taken. */
export function build(
  engine: Engine,
  name: string,
  target: string,
  args: Record<string, string> = {}
): Built {
  const image = imageName(name)
  const given = Object.entries({ NODE_IMAGE: BASE, ...args })
    .map(([key, value]) => `--build-arg '${key}=${value}'`)
    .join(' ')
  engine.shell(
    `${CONTEXT} | docker build --network host --force-rm -q -f infra/deploy/Dockerfile --target ${target} ${given} -t ${image} -`
  )
  return { image, megabytes: Number(inspect(engine, image).Size) / 1e6 }
}

/** The same by faas-cli's template, whose context is laid out as faas-cli does it: the handler's folder and what stack.yml adds. */
export function buildByTemplate(engine: Engine, name: string): string {
  const image = `${imageName(name)}-faas`
  const files = `git ls-files -z functions package.json package-lock.json template/portico/Dockerfile`
  const laid = `tar --null -cf - -T - --transform 's,^package,functions/package,;s,^template/portico/,,'`
  const args = `--build-arg NODE_IMAGE=${BASE} --build-arg FUNCTION=${name}`
  engine.shell(`${files} | ${laid} | docker build --network host --force-rm -q ${args} -t ${image} -`)
  return image
}

/** All that an installation consists of, but for what others make. */
export function buildAll(engine: Engine): void {
  importNode(engine, BASE)
  for (const { name } of readStack(new URL('../../../stack.yml', import.meta.url), {}))
    build(engine, name, 'function', { FUNCTION: name })
  for (const target of ['host', 'web']) build(engine, target, target)
}

type Inspected = { Size: number; Config: { User: string; Env: string[] }; RootFS: { Layers: string[] } }
export const inspect = (engine: Engine, image: string): Inspected =>
  JSON.parse(engine.docker('image', 'inspect', image))[0]

/** Every file's path in an image, by its layers and not by anything that runs in it. */
export function filesOf(engine: Engine, image: string): string[] {
  const id = engine.docker('create', image, 'none').trim()
  try {
    return engine.shell(`docker export ${id} | tar -t`).split('\n').filter(Boolean)
  } finally {
    engine.docker('rm', id)
  }
}

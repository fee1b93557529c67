/** The images of infra/deploy/Dockerfile, built as an installation builds them but for their base. */
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

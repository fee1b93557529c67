/** Somebody of the demo firm who shares: at the API, and in a window of their own. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { BrowserContext } from 'playwright-core'
import type { Document, Project } from '../../../functions/_shared/contract/document.ts'
import type { MadeLink } from '../../../functions/_shared/contract/link.ts'
import { ApiClient } from '../../../infra/demo/api-client.ts'
import type { Stack } from '../../support/stack.ts'

const corpus = process.env.PORTICO_CORPUS ?? '../shared/corpus'

export type Maker = {
  client: ApiClient
  project: Project
  /** Sends a PDF of the corpus and waits until all its pages are there. */
  send: (name: string, as?: string) => Promise<Document>
  share: (wish: object) => Promise<MadeLink>
  enter: (context: BrowserContext) => Promise<void>
}

/** Jonas, and his project. */
export async function startMaker(stack: Stack): Promise<Maker> {
  const client = new ApiClient(stack.origin)
  await client.signIn(stack.person('Jonas'))
  const { items } = await client.call<{ items: Project[] }>('GET', '/documents/projects')
  const project = items.find((one) => one.name === 'Jahresabschluss 2025')
  if (!project) throw new Error('the demo firm has no such project')
  return {
    client,
    project,
    send: async (name, as = name) => {
      const bytes = readFileSync(join(corpus, 'pdf', name))
      const receipt = await client.upload(project.id, [{ name: as, type: 'application/pdf', bytes }])
      const id = receipt.outcomes[0]?.document?.id
      for (const deadline = Date.now() + 60_000; id && Date.now() < deadline; await wait(200)) {
        const document = await client.call<Document>('GET', `/documents/documents/${id}`)
        if (document.version.state === 'ready') return document
      }
      throw new Error(`${name} was not ready in time`)
    },
    share: (wish) => client.call<MadeLink>('POST', '/sharing/links', { recipient: 'Sparkasse', ...wish }),
    enter: async (context) => {
      const cut = client.cookie.indexOf('=')
      const [name, value] = [client.cookie.slice(0, cut), client.cookie.slice(cut + 1)]
      await context.addCookies([{ name, value, url: stack.origin }])
    }
  }
}

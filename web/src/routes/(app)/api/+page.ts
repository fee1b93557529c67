import { type Description, readDescription } from './description.ts'
import type { PageLoad } from './$types'

/** The edge serves the description, not the web: it is read where the edge is, in the browser. */
export const ssr = false

export const load: PageLoad = async ({ fetch }) => {
  const answer = await fetch('/api/v1/openapi.json')
  const description: Description = answer.ok ? await answer.json() : { paths: {} }
  return readDescription(description)
}

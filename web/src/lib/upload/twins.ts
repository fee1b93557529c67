/** Files whose name is in their folder already: is each a new version, or a document of its own? Nobody guesses. */
import { BATCH } from './limits.ts'
import type { FileMatches } from '../contract.ts'
import type { Picked } from './types.ts'

/** A file and the document of its name. */
export type Twin = { file: Picked; document_id: string; newest_no: number }

export type Answer = 'version' | 'both' | 'skip'

/** What is asked now. `at` from 1. */
export type Question = {
  name: string
  newest_no: number
  at: number
  count: number
  answer: (answer: Answer, for_all: boolean) => void
}

type Match = (folder_id: string, files: { name: string; path: string }[]) => Promise<FileMatches>

/**
 * Which of these have a twin, in slices that the portal takes. Where it does not answer there are none: then both are
 * kept, which loses nothing.
 */
export async function findTwins(
  match: Match,
  folder_id: string,
  files: Picked[]
): Promise<{ fresh: Picked[]; twins: Twin[] }> {
  const twins: Twin[] = []
  const fresh: Picked[] = []
  for (let from = 0; from < files.length; from += BATCH) {
    const slice = files.slice(from, from + BATCH)
    const names = slice.map(({ file, path }) => ({ name: file.name, path }))
    const { matches } = await match(folder_id, names).catch(() => ({ matches: [] }))
    const found = new Map(matches.map((one) => [one.index, one]))
    for (const [index, file] of slice.entries()) {
      const twin = found.get(index)
      if (twin) twins.push({ file, document_id: twin.document_id, newest_no: twin.newest_no })
      else fresh.push(file)
    }
  }
  return { fresh, twins }
}

/**
 * Asks about one after the other, or once for all that are left; the files as they shall be sent.
 *
 * @param show draws the question; null: it is over
 */
export async function askAbout(twins: Twin[], show: (question: Question | null) => void): Promise<Picked[]> {
  const send: Picked[] = []
  let standing: Answer | null = null
  for (const [index, twin] of twins.entries()) {
    const answer: Answer =
      standing ??
      (await new Promise<Answer>((resolve) =>
        show({
          name: twin.file.file.name,
          newest_no: twin.newest_no,
          at: index + 1,
          count: twins.length,
          answer: (given, for_all) => {
            if (for_all) standing = given
            resolve(given)
          }
        })
      ))
    if (answer === 'version') send.push({ ...twin.file, document_id: twin.document_id })
    else if (answer === 'both') send.push(twin.file)
  }
  show(null)
  return send
}

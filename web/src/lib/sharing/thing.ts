/** What is shared: documents or folders of one project. */
import * as m from '#lib/paraglide/messages.js'

export type SharedThing = {
  id: string
  name: string
  /** No version of the document is released to clients yet, as a second person has to (four eyes). */
  waits?: boolean
  /** The last version that arrived; it may wait while an older one is shown. */
  newest?: { waits: boolean }
  /** Of folders: what lies in it waits for a second person. */
  four_eyes?: boolean
}

/** What the visitors of a link will not see yet, in sentences. Pure. */
export function hiddenFor(things: SharedThing[]): string[] {
  const told = (some: SharedThing[], say: (words: { names: string }) => string): string[] =>
    some.length > 0 ? [say({ names: some.map((one) => one.name).join(', ') })] : []
  return [
    ...told(
      things.filter((one) => one.waits),
      m.share_waits
    ),
    ...told(
      things.filter((one) => !one.waits && one.newest?.waits),
      m.share_waits_newer
    ),
    ...told(
      things.filter((one) => one.four_eyes),
      m.share_waits_folder
    )
  ]
}

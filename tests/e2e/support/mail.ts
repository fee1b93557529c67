/** The mail that the embedded portal caught: one .eml a message in its data folder. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * The first link of the newest mail to an address, waiting up to 20 s for it. Throws when none comes.
 *
 * @param to a part of the link that it must have
 */
export async function linkMailedTo(data: string, address: string, to = ''): Promise<string> {
  const folder = join(data, 'mail')
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(100)) {
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .toSorted()
      .toReversed()
    for (const name of newest) {
      const text = readFileSync(join(folder, name), 'utf8')
        .replace(/=\r?\n/g, '')
        .replaceAll('=3D', '=')
      if (!text.includes(`To: ${address}`)) continue
      const link = /https?:\/\/\S+#[\w-]{43}/.exec(text)?.[0]
      if (link?.includes(to)) return link
    }
  }
  throw new Error(`no mail came for ${address}`)
}

/** DejaVu from the npm package dejavu-fonts-ttf: containers and other people's machines have no fonts that we could count on. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../temporary-folder.ts'

const FOLDER = dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')))

/** The bytes of one of its faces, e.g. `DejaVuSansMono`. */
export const fontBytes = (face: string): Buffer => readFileSync(join(FOLDER, `${face}.ttf`))

/** Points fontconfig, by which SVG text is drawn, at these fonts alone. Before the first SVG; once a process. */
export function useOwnFonts(): void {
  const folder = temporaryFolder('fonts')
  const file = join(folder, 'fonts.conf')
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${FOLDER}</dir><cachedir>${folder}</cachedir></fontconfig>`
  )
  // fontconfig reads it from the environment of the process; it has no other door.
  process.env.FONTCONFIG_FILE = file
}

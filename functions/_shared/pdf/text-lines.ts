/** Text as lines of a fixed width. Linear in its length, whatever it is: 2 MiB of tabs, or one line of 2 MiB. */

/** The letters of a line, one a column; a letter beyond U+FFFF is one too. */
export type Line = string[]

/**
 * The lines as they are printed: tabs to the next stop of 8, long lines broken at spaces where there are any.
 *
 * @param starts is given the rows at which a line of the text begins
 */
export function breakLines(text: string, columns: number, starts: number[] = []): Line[] {
  const out: Line[] = []
  for (const line of text.split(/\r\n|\n|\r|\f/)) {
    starts.push(out.length)
    fold(lettersOf(line), columns, out)
  }
  return out
}

/** A text's lines without what cannot be printed. */
export const printable = (line: string): string => lettersOf(line).join('')

/** Of one line: tabs are many letters each. */
const MAX_LETTERS = 2 * 1024 * 1024

/** Control and bidirectional marks would move other letters about. */
const UNPRINTED = /[\p{Cc}\uFEFF\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

function lettersOf(line: string): Line {
  const letters: Line = []
  for (const letter of line)
    if (letters.length >= MAX_LETTERS) break
    else if (letter === '\t') letters.push(...' '.repeat(8 - (letters.length % 8)))
    else if (letter >= ' ' && (letter < '\u007f' || !UNPRINTED.test(letter))) letters.push(letter)
  return letters
}

function fold(letters: Line, columns: number, out: Line[]): void {
  let from = 0
  while (letters.length - from > columns) {
    const row = letters.slice(from, from + columns)
    const space = row.lastIndexOf(' ')
    const cut = space > columns / 2 ? space + 1 : columns
    out.push(row.slice(0, cut))
    from += cut
  }
  out.push(letters.slice(from))
}

/** What a typed search means, and which piece of a page answers it. Pure; the folding of words is the database's too. */
import type { SearchUnit, SnippetPart } from '../contract/search.ts'

/** Units of one search: each is looked up by itself. */
const MAX_UNITS = 12
/** A pair of quotation marks as German, English and Swedish write them, or a run without blanks and marks. */
const UNIT = /["„“”«»]([^"„“”«»]*)["„“”«»]|([^\s"„“”«»]+)/gu

/**
 * What is to be looked up. Only signs: nothing. The word at the very end may be unfinished; one behind which a blank
 * stands is as it is meant.
 */
export function readQuery(typed: string): SearchUnit[] {
  const clean = typed.toWellFormed().replaceAll('\0', ' ')
  const units = [...clean.matchAll(UNIT)].map(([whole, quoted, plain], index, all): SearchUnit => ({
    text: quoted ?? plain ?? whole,
    exact: quoted !== undefined,
    prefix: quoted === undefined && index === all.length - 1 && !/\s$/u.test(clean)
  }))
  return units.filter((unit) => /[\p{L}\p{N}]/u.test(unit.text)).slice(0, MAX_UNITS)
}

const LETTERS: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd' }

/** A text as the index has it: as search_fold of 0011_search.sql folds. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđ]/gu, (letter) => LETTERS[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(?<=\p{N})(?=\p{L})|(?<=\p{L})(?=\p{N})/gu, ' ')
    .trim()

/** With umlauts as two letters. */
const foldUmlauts = (text: string): string =>
  fold(text.normalize('NFC').replace(/[äöü]/giu, (letter) => `${letter.normalize('NFKD').charAt(0)}e`))

/** Shorter than this a mark is the whole word: the "a" of "A-1312/B" is not in every word with an a at its beginning. */
const SHORT = 4
/** Words around the first hit. */
const BEFORE = 8
const AFTER = 22
/** Words that count as together. */
const NEAR = 8
/** Characters of one word in a snippet. */
const MAX_WORD = 60

/**
 * The piece of a page where most of the words that were looked for stand together; the page's beginning where no word shows it.
 *
 * @param words the page's text, words apart by blanks
 * @param marks lexemes of the query; behind `~` a stem, with `*` at the end: all that begins so
 */
export function snippetOf(words: string, marks: string[]): SnippetPart[] {
  const all = words.split(' ')
  const isHit = marker(marks)
  const first = densest(all, isHit)
  const from = Math.max(0, first - BEFORE)
  const piece = all.slice(from, first + AFTER)
  const parts: SnippetPart[] = from > 0 ? [{ text: '… ', hit: false }] : []
  for (const [index, word] of piece.entries()) {
    const hit = isHit(word)
    const shown = cut(word)
    const text = index < piece.length - 1 ? ' ' : from + piece.length < all.length ? ' …' : ''
    parts.push({ text: shown, hit }, { text, hit: false })
  }
  return joined(parts)
}

/** Where the most different hits follow each other closely: of a phrase with "of", not the first "of" of the page. */
function densest(words: string[], isHit: (word: string) => boolean): number {
  const places = words.flatMap((word, index) => (isHit(word) ? [index] : []))
  let best = { at: places[0] ?? 0, different: 0 }
  for (const at of places) {
    const near = words.slice(at, at + NEAR).filter(isHit)
    const different = new Set(near.map(fold)).size
    if (different > best.different) best = { at, different }
  }
  return best.at
}

const cut = (word: string): string => {
  const letters = [...word.slice(0, MAX_WORD * 2)]
  return letters.length > MAX_WORD ? `${letters.slice(0, MAX_WORD).join('')}…` : word
}

function marker(marks: string[]): (word: string) => boolean {
  const whole = new Set(marks.filter((mark) => !mark.endsWith('*')).map((mark) => mark.replace('~', '')))
  const stems = marks.filter((mark) => mark.startsWith('~')).map((mark) => mark.slice(1))
  const begun = marks.filter((mark) => mark.endsWith('*')).map((mark) => mark.slice(0, -1))
  const begins = [...stems.filter((stem) => stem.length >= SHORT), ...begun]
  const fits = (one: string) => whole.has(one) || begins.some((mark) => one.startsWith(mark))
  return (word) => {
    const short = word.slice(0, MAX_WORD * 2)
    return [...fold(short).split(' '), ...foldUmlauts(short).split(' ')].some(
      (one) => one !== '' && fits(one)
    )
  }
}

/** Neighbours of the same kind are one part. */
function joined(parts: SnippetPart[]): SnippetPart[] {
  const result: SnippetPart[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (part.text === '') continue
    if (last && last.hit === part.hit) last.text += part.text
    else result.push({ ...part })
  }
  return result
}

/** What kind of thing a file is, for its icon and its word. Pure. */
import * as m from '#lib/paraglide/messages.js'
import type { Version } from '#lib/contract.ts'

export type Kind =
  | 'pdf'
  | 'image'
  | 'text'
  | 'sheet'
  | 'word'
  | 'slides'
  | 'archive'
  | 'audio'
  | 'video'
  | 'mail'
  | 'program'
  | 'code'
  | 'file'

const KINDS: [Kind, RegExp][] = [
  ['pdf', /^application\/pdf$/],
  ['image', /^image\//],
  ['sheet', /spreadsheet|ms-excel|csv/],
  ['word', /wordprocessing|msword|opendocument\.text|rtf/],
  ['slides', /presentation|powerpoint/],
  ['mail', /^message\/|outlook/],
  ['archive', /zip|x-tar|x-7z|x-rar|gzip|bzip|x-xz|zstd/],
  ['audio', /^audio\//],
  ['video', /^video\//],
  ['program', /x-msdownload|x-dosexec|x-executable|x-elf|x-mach|x-sh$|portable-executable/],
  ['code', /x-source|json|xml|html/],
  ['text', /^text\//]
]

/** By what the bytes say; before they were read, by what the sender said. */
export function kindOf(version: Pick<Version, 'detected_type' | 'declared_type'>): Kind {
  const type = version.detected_type ?? version.declared_type
  return KINDS.find(([, pattern]) => pattern.test(type))?.[0] ?? 'file'
}

const WORDS: Record<Kind, () => string> = {
  pdf: m.type_pdf,
  image: m.type_image,
  text: m.type_text,
  sheet: m.type_sheet,
  word: m.type_word,
  slides: m.type_slides,
  archive: m.type_archive,
  audio: m.type_audio,
  video: m.type_video,
  mail: m.type_mail,
  program: m.type_program,
  code: m.type_code,
  file: m.type_file
}

export const kindWord = (version: Pick<Version, 'detected_type' | 'declared_type'>): string =>
  WORDS[kindOf(version)]()

/** What people note about documents. */
import { z } from 'zod'
import { Time } from './common.ts'
import { MAX_DESCRIPTION } from './values.ts'

export const MAX_TAGS = 20

/** What shows nothing, or moves letters about, is no word. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu
/** Line breaks and tabs stay. */
const UNSEEN_TEXT = /[\p{Cf}\p{Cs}\p{Co}\p{Cn}]|(?![\n\t])\p{Cc}/gu

export const Tag = z
  .string()
  .overwrite((text) => text.normalize('NFC').replace(UNSEEN, '').replaceAll(/\s+/g, ' ').trim())
  .min(1)
  .max(40)

/** Each once, whatever its case; in the order in which they were given. */
export const Tags = z
  .array(Tag)
  .max(100)
  .overwrite((tags) =>
    [...new Map(tags.toReversed().map((tag) => [tag.toLocaleLowerCase('de'), tag])).values()].toReversed()
  )
  .refine((tags) => tags.length <= MAX_TAGS, { message: `at most ${MAX_TAGS}` })

/** `described_at`: of the document as the writer saw it; whoever wrote meanwhile is not overwritten. */
export const Describe = z.object({
  tags: Tags,
  description: z
    .string()
    .overwrite((text) => text.normalize('NFC').replaceAll('\r\n', '\n').replace(UNSEEN_TEXT, '').trim())
    .max(MAX_DESCRIPTION),
  described_at: Time.nullable()
})
export type Describe = z.infer<typeof Describe>

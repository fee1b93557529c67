/** What people ask and answer beside documents. */
import { z } from 'zod'
import { Id, Time, Who } from './common.ts'
import { MAX_COMMENT } from './values.ts'

export const Comment = z
  .object({
    id: Id,
    author: Who,
    /** Whether the author is of the firm. */
    staff: z.boolean(),
    at: Time,
    /** Plain text with line breaks; empty once it was taken back. */
    text: z.string(),
    taken_back: z.boolean(),
    mentions: z.array(Who),
    /** What it is about, the document it was asked through among them. */
    documents: z.array(z.object({ id: Id, name: z.string() })),
    own: z.boolean()
  })
  .meta({ id: 'Comment' })
export type Comment = z.infer<typeof Comment>

/** What shows nothing, or moves letters about, is no text; line breaks and tabs are. */
const UNSEEN = /[\p{Cf}\p{Cs}\p{Co}\p{Cn}]|(?![\n\t])\p{Cc}/gu

export const NewComment = z.object({
  documents: z
    .array(Id)
    .min(1)
    .max(50)
    .meta({ description: 'Of one project. Who may see all of them sees the comment.' }),
  text: z
    .string()
    .overwrite((text) => text.normalize('NFC').replaceAll('\r\n', '\n').replace(UNSEEN, '').trim())
    .min(1)
    .max(MAX_COMMENT),
  mentions: z.array(Id).max(50).default([]).meta({ description: 'People who may see all of the documents.' })
})
export type NewComment = z.infer<typeof NewComment>

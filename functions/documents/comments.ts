/** Comments in the database. */
import { z } from 'zod'
import { Comment, type NewComment } from '../_shared/contract/comment.ts'
import { Id } from '../_shared/contract/common.ts'
import { type Session, blocks, row, rows } from '../_shared/db/database.ts'

const sql = blocks<'list' | 'all_see' | 'add' | 'take_back'>(new URL('./comments.sql', import.meta.url))

/** The newest comments on a document that the reader may see, before the given one. */
export const commentsOn = (
  session: Session,
  reader_id: string,
  document_id: string,
  before: string | null,
  limit: number
): Promise<Comment[]> => rows(session, sql('list'), [reader_id, document_id, before, limit, null], Comment)

/** One comment as its reader sees it; null when it is not theirs to see. */
export const commentOn = (
  session: Session,
  reader_id: string,
  document_id: string,
  id: string
): Promise<Comment | null> => row(session, sql('list'), [reader_id, document_id, null, 1, id], Comment)

/** Whether each of these people may see each of these documents. */
export async function allMaySee(session: Session, people: string[], documents: string[]): Promise<boolean> {
  const found = await row(session, sql('all_see'), [people, documents], z.object({ all_see: z.boolean() }))
  return found?.all_see === true
}

/** Returns the new comment's id. */
export async function addComment(
  session: Session,
  project_id: string,
  author_id: string,
  { documents, mentions, text }: NewComment
): Promise<string> {
  const values = [project_id, author_id, documents, mentions, text]
  const made = await row(session, sql('add'), values, z.object({ id: Id }))
  if (!made) throw new Error('insert returned nothing')
  return made.id
}

/** Empties one's own comment; what it was about, null when there is none of the author's to take back. */
export async function takeBack(session: Session, id: string, author_id: string): Promise<string[] | null> {
  const found = await row(session, sql('take_back'), [id, author_id], z.object({ documents: z.array(Id) }))
  return found?.documents ?? null
}

/** What travels through Postgres NOTIFY to open pages. Never content: the page asks the API again. */
import { z } from 'zod'

export const Topic = z.string().regex(/^(project|person):[0-9a-f-]{36}$/)
export const Announcement = z.object({ topic: Topic, seq: z.int() })

/** Mails about second factors: whoever did not do it themselves learns of it. They name neither factor nor device. */
import { type Session, blocks, run } from '../_shared/db/database.ts'

const sql = blocks<'tell'>(new URL('./factor-mail.sql', import.meta.url))

/** A factor was added or removed by somebody who was in; one waiting mail is enough. */
export const tellFactorsChanged = (session: Session, personId: string) =>
  run(session, sql('tell'), [{ template: 'factors', person_id: personId }, `factors:${personId}`])

/** A code that an administrator gave opened the door. */
export const tellWayInUsed = (session: Session, personId: string, id: string) =>
  run(session, sql('tell'), [{ template: 'way_in_used', person_id: personId }, `way_in_used:${id}`])

/** A recovery code opened the door; each use is told. */
export const tellRecovered = (session: Session, personId: string, left: number) =>
  run(session, sql('tell'), [{ template: 'recovered', person_id: personId }, `recovered:${personId}:${left}`])

/** A rule tried out on what is there. Only reads. */
import type { AutomationAct, AutomationStep, AutomationWish, Trial } from '../_shared/contract/automation.ts'
import { projectsManaged } from '../_shared/db/project.ts'
import { isMeant, nameAfter, tagsWith } from '../_shared/rules/automation.ts'
import { type Found, factsOf, newestOf } from './automations.ts'
import { database } from './database.ts'

/** Documents that are looked at. */
const LOOKED_AT = 100

export async function tryOut(
  maker_id: string,
  wish: AutomationWish,
  project_id: string | null
): Promise<Trial> {
  const projects = project_id ? [project_id] : await projectsManaged(database.pool, maker_id)
  return database.transaction(projects, async (session) => {
    const ids = await newestOf(session, projects, wish.place_id, LOOKED_AT)
    const found = await factsOf(session, maker_id, ids, wish.conditions)
    const meant = found.filter((one) => isMeant(wish.conditions, one))
    return {
      looked_at: found.length,
      meant: meant.map((one) => ({
        document: { id: one.id, name: one.name },
        project: one.project_who,
        new_name: nameAfter(wish.actions, one),
        steps: wish.actions.map((act) => stepOf(act, one))
      }))
    }
  })
}

/** What would come of it, as far as that can be said without doing it. */
function stepOf(act: AutomationAct, document: Found): AutomationStep {
  const idle =
    (act.do === 'rename' && nameAfter([act], document) === null) ||
    (act.do === 'tag' && tagsWith(document, act.tags) === null) ||
    (act.do === 'move' && act.folder_id === document.folder_id)
  return { do: act.do, outcome: idle ? 'nothing_to_do' : 'done', code: null }
}

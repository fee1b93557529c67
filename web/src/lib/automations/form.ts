/** A rule as the fields of its form, and back. Each kind of act once, in one order; an empty field is no act. */
import type { AutomationAct, AutomationWish } from '#lib/contract.ts'
import type { Trouble } from '#lib/problem.ts'

/** By name; of choices that take several, with spaces between. */
export type Fields = Record<string, string>

/** In an address, in the place of a project's id. */
export const EVERYWHERE = 'everywhere'

const ORDER: AutomationAct['do'][] = ['call', 'rename', 'tag', 'move', 'lock', 'notify', 'send_link']
const MB = 1_000_000

type Rule = Pick<
  AutomationWish,
  'name' | 'active' | 'happens' | 'age_days' | 'place_id' | 'conditions' | 'actions'
>

/** Whether the form can show all of it; what a program wrote may be more. */
export function fitsForm({ conditions, actions }: Pick<Rule, 'conditions' | 'actions'>): boolean {
  const places = actions.map((act) => ORDER.indexOf(act.do))
  return conditions.kinds.length <= 1 && places.every((place, i) => i === 0 || place > (places[i - 1] ?? -1))
}

const inMegabytes = (bytes: number | null): string => (bytes === null ? '' : String(bytes / MB))

export function fieldsOf(rule: Rule): Fields {
  const { conditions } = rule
  const fields: Fields = {
    name: rule.name,
    active: rule.active ? 'on' : '',
    happens: rule.happens,
    age_days: rule.age_days === null ? '' : String(rule.age_days),
    place_id: rule.place_id ?? '',
    pattern: conditions.name ?? '',
    kind: conditions.kinds[0] ?? '',
    from: conditions.from ?? '',
    text: conditions.text ?? '',
    at_least: inMegabytes(conditions.at_least),
    at_most: inMegabytes(conditions.at_most)
  }
  for (const act of rule.actions)
    Object.assign(
      fields,
      act.do === 'call'
        ? { call: act.function }
        : act.do === 'rename'
          ? { to: act.to }
          : act.do === 'tag'
            ? { tags: act.tags.join(', ') }
            : act.do === 'move'
              ? { folder_id: act.folder_id }
              : act.do === 'lock'
                ? { lock: act.hides ? 'hide' : 'view', lock_days: String(act.days) }
                : act.do === 'notify'
                  ? { people: act.people.join(' ') }
                  : {
                      link_to: act.to,
                      recipient: act.recipient,
                      level: act.level,
                      link_days: String(act.days)
                    }
    )
  return fields
}

const text = (value: string | undefined): string | null => value?.trim() || null
const number = (value: string | undefined): number | null => {
  const said = text(value)
  return said === null ? null : Number(said.replace(',', '.'))
}
const bytes = (value: string | undefined): number | null => {
  const said = number(value)
  return said === null ? null : Math.round(said * MB)
}

/** What the API is asked for; it says itself what is wrong with it. */
export function wishOf(fields: Fields) {
  return {
    name: fields.name ?? '',
    active: fields.active === 'on',
    happens: fields.happens,
    age_days: fields.happens === 'age' ? number(fields.age_days) : null,
    place_id: text(fields.place_id),
    conditions: {
      name: text(fields.pattern),
      kinds: text(fields.kind) ? [fields.kind] : [],
      from: text(fields.from),
      text: text(fields.text),
      at_least: bytes(fields.at_least),
      at_most: bytes(fields.at_most)
    },
    actions: ORDER.flatMap((what) => actOf(what, fields) ?? [])
  }
}

function actOf(what: AutomationAct['do'], fields: Fields): object | null | '' {
  switch (what) {
    case 'call':
      return text(fields.call) && { do: what, function: fields.call }
    case 'rename':
      return text(fields.to) && { do: what, to: fields.to }
    case 'tag':
      return text(fields.tags) && { do: what, tags: (fields.tags ?? '').split(',') }
    case 'move':
      return text(fields.folder_id) && { do: what, folder_id: fields.folder_id }
    case 'lock':
      return (
        text(fields.lock) && { do: what, hides: fields.lock === 'hide', days: number(fields.lock_days) ?? 0 }
      )
    case 'notify':
      return text(fields.people) && { do: what, people: (fields.people ?? '').split(' ') }
    case 'send_link':
      return (
        text(fields.link_to) && {
          do: what,
          to: fields.link_to,
          recipient: text(fields.recipient) ?? fields.link_to,
          level: fields.level ?? 'view',
          days: number(fields.link_days) ?? 14
        }
      )
  }
}

const OF_ACT: Record<string, Record<string, string>> = {
  call: { function: 'call' },
  rename: { to: 'to' },
  tag: { tags: 'tags' },
  move: { folder_id: 'folder_id' },
  lock: { days: 'lock_days' },
  notify: { people: 'people' },
  send_link: { to: 'link_to', recipient: 'recipient', days: 'link_days' }
}

/** The API's words for what is wrong, told of the form's own fields. */
export function ownFields(problem: Trouble, wish: ReturnType<typeof wishOf>): Trouble {
  return {
    ...problem,
    errors: problem.errors.map((error) => {
      const [first, index, field = ''] = error.field.split('.')
      if (first === 'conditions') return { ...error, field: index === 'name' ? 'pattern' : (index ?? first) }
      if (first !== 'actions') return error
      const act = wish.actions[Number(index)] as { do: string } | undefined
      return { ...error, field: (act && OF_ACT[act.do]?.[field]) ?? 'to' }
    })
  }
}

/** Rules in words. */
import type { Automation, AutomationEvent, AutomationStep } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

export const EVENTS: AutomationEvent[] = ['arrives', 'ready', 'link_opened', 'age']

export const EVENT: Record<AutomationEvent, () => string> = {
  arrives: m.rule_arrives,
  ready: m.rule_ready,
  link_opened: m.rule_link_opened,
  age: m.rule_age
}

const ACT: Record<AutomationStep['do'], () => string> = {
  call: m.rule_act_call,
  rename: m.rule_act_rename,
  tag: m.rule_act_tag,
  move: m.rule_act_move,
  lock: m.rule_act_lock,
  notify: m.rule_act_notify,
  send_link: m.rule_act_link,
  describe: m.rule_act_describe,
  comment: m.rule_act_comment
}
export const actName = (what: AutomationStep['do']): string => ACT[what]()

const OUTCOME: Record<AutomationStep['outcome'], () => string> = {
  done: m.rule_done,
  nothing_to_do: m.rule_nothing_to_do,
  not_allowed: m.rule_not_allowed,
  not_possible: m.rule_not_possible,
  not_reached: m.rule_not_reached
}
export const outcomeName = (outcome: AutomationStep['outcome']): string => OUTCOME[outcome]()

/** Why nothing came of a function. */
const WHY: Record<string, () => string> = {
  function_not_there: m.rule_function_not_there,
  function_too_slow: m.rule_function_too_slow,
  function_failed: m.rule_function_failed,
  answer_unfit: m.rule_answer_unfit,
  no_such_folder: m.rule_no_such_folder
}
export const stepName = ({ do: what, outcome, code }: AutomationStep): string =>
  `${actName(what)}: ${(code === null ? undefined : WHY[code])?.() ?? outcomeName(outcome)}`

/** "A document arrives: rename, tag". */
export const sentence = (rule: Pick<Automation, 'happens' | 'age_days' | 'actions'>): string => {
  const when = rule.happens === 'age' ? m.rule_age_days({ count: rule.age_days ?? 0 }) : EVENT[rule.happens]()
  return `${when} → ${rule.actions.map((act) => actName(act.do)).join(', ')}`
}

export const placeName = (rule: Automation): string => {
  if (!rule.place) return m.rule_everywhere()
  return rule.place.kind === 'project' ? rule.place.name : `${rule.place.project.name} › ${rule.place.name}`
}

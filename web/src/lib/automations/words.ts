/** Rules in words. */
import type { Automation, AutomationAct, AutomationEvent, AutomationStep } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

export const EVENTS: AutomationEvent[] = ['arrives', 'ready', 'link_opened', 'age']

export const EVENT: Record<AutomationEvent, () => string> = {
  arrives: m.rule_arrives,
  ready: m.rule_ready,
  link_opened: m.rule_link_opened,
  age: m.rule_age
}

const ACT: Record<AutomationAct['do'], () => string> = {
  rename: m.rule_act_rename,
  tag: m.rule_act_tag,
  move: m.rule_act_move,
  lock: m.rule_act_lock,
  notify: m.rule_act_notify,
  send_link: m.rule_act_link
}
export const actName = (what: AutomationAct['do']): string => ACT[what]()

const OUTCOME: Record<AutomationStep['outcome'], () => string> = {
  done: m.rule_done,
  nothing_to_do: m.rule_nothing_to_do,
  not_allowed: m.rule_not_allowed,
  not_possible: m.rule_not_possible,
  not_reached: m.rule_not_reached
}
export const outcomeName = (outcome: AutomationStep['outcome']): string => OUTCOME[outcome]()

/** "A document arrives: rename, tag". */
export const sentence = (rule: Pick<Automation, 'happens' | 'age_days' | 'actions'>): string => {
  const when = rule.happens === 'age' ? m.rule_age_days({ count: rule.age_days ?? 0 }) : EVENT[rule.happens]()
  return `${when} → ${rule.actions.map((act) => actName(act.do)).join(', ')}`
}

export const placeName = (rule: Automation): string => {
  if (!rule.place) return m.rule_everywhere()
  return rule.place.kind === 'project' ? rule.place.name : `${rule.place.project.name} › ${rule.place.name}`
}

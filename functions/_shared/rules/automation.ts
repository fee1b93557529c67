/** Whether a document is meant by an automation, and what is to be done with it. Pure. */
import type { Action } from '../contract/activity.ts'
import type { AutomationAct, Conditions } from '../contract/automation.ts'
import type { KINDS } from '../contract/values.ts'
import { typesOf } from './listing.ts'
import { cleanName } from './name.ts'

/** Acts of the log by which something happens to documents (pipeline/automate.sql tells them apart). */
export const HAPPENS: readonly Action[] = [
  'document.received',
  'document.adopted',
  'version.ready',
  'version.not_previewed',
  'version.shown',
  'link.opened'
]

/** What an automation knows of a document. */
export type DocumentFacts = {
  name: string
  detected_type: string | null
  size: number
  from: 'client' | 'firm' | 'machine'
  /** null: a machine. */
  sender: string | null
  /** YYYY-MM-DD of the firm's day. */
  received_on: string
  project: string
  tags: string[]
  /** null: not asked, or its pages are not read yet. */
  has_text: boolean | null
}

/**
 * Whether a name fits a pattern of `*` and `?`; its whole length, whatever its case. Only the last star is ever gone back to,
 * so that no pattern takes longer than its length times the name's.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  const letters = [...name.normalize('NFC').toLowerCase()]
  const signs = [...pattern.normalize('NFC').toLowerCase()]
  let at = 0
  let sign = 0
  let star = -1
  let held = 0
  while (at < letters.length)
    if (signs[sign] === '*') {
      star = sign
      held = at
      sign += 1
    } else if (signs[sign] === '?' || (sign < signs.length && signs[sign] === letters[at])) {
      at += 1
      sign += 1
    } else if (star >= 0) {
      held += 1
      at = held
      sign = star + 1
    } else return false
  return signs.slice(sign).every((rest) => rest === '*')
}

function isOfKind(type: string | null, kind: (typeof KINDS)[number]): boolean {
  const { like, unlike } = typesOf(kind)
  if (type === null) return false
  return like !== null ? new RegExp(like).test(type) : !new RegExp(unlike ?? '^$').test(type)
}

/** Whether all conditions hold. `has_text` null with a condition on the text: not yet known, so not. */
export function isMeant(conditions: Conditions, facts: DocumentFacts): boolean {
  const { name, kinds, from, at_least, at_most, text } = conditions
  return (
    (name === null || fitsPattern(facts.name, name)) &&
    (kinds.length === 0 || kinds.some((kind) => isOfKind(facts.detected_type, kind))) &&
    (from === null || facts.from === from) &&
    (at_least === null || facts.size >= at_least) &&
    (at_most === null || facts.size <= at_most) &&
    (text === null || facts.has_text === true)
  )
}

/** A document's new name; its own when nothing is left of the pattern. */
export function newName(pattern: string, facts: DocumentFacts): string {
  const dot = facts.name.lastIndexOf('.')
  const stem = dot > 0 ? facts.name.slice(0, dot) : facts.name
  const values: Record<string, string> = {
    name: stem,
    date: facts.received_on,
    sender: facts.sender ?? '',
    project: facts.project
  }
  // In one pass: what a name brings along is not filled in again.
  const filled = pattern.replace(/\{(name|date|sender|project)\}/g, (_, word: string) => values[word] ?? '')
  return withEnding(filled, facts.name)
}

/** A name that keeps a document's ending, said or not; its own when nothing is left of it. */
export function withEnding(filled: string, name: string): string {
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 ? name.slice(dot) : ''
  const bare =
    filled.toLowerCase().endsWith(ending.toLowerCase()) && ending ? filled.slice(0, -ending.length) : filled
  return cleanName(`${bare.trim()}${ending}`) ?? name
}

/** The tags that a document would have; null when it has them. */
export function tagsWith(facts: DocumentFacts, tags: string[]): string[] | null {
  const has = new Set(facts.tags.map((tag) => tag.toLocaleLowerCase('de')))
  const added = tags.filter((tag) => !has.has(tag.toLocaleLowerCase('de')))
  return added.length > 0 ? [...facts.tags, ...added] : null
}

/** The name that it will have when everything is done; null when it keeps its own. */
export function nameAfter(actions: AutomationAct[], facts: DocumentFacts): string | null {
  const name = actions.reduce(
    (now, act) => (act.do === 'rename' ? newName(act.to, { ...facts, name: now }) : now),
    facts.name
  )
  return name === facts.name ? null : name
}

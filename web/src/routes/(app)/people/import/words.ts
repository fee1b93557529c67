/** What an import says: fields, fates and reasons in the reader's language. */
import type {
  ImportEffect,
  ImportFate,
  ImportField,
  ImportLine,
  ImportRefusal,
  ImportSums
} from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'
import type { Trouble } from '#lib/problem.ts'

const FIELDS: Record<ImportField, () => string> = {
  email: m.person_email,
  name: m.person_name,
  first_name: m.import_field_first_name,
  last_name: m.import_field_last_name,
  organisation: m.import_field_organisation,
  role: m.role_label,
  language: m.language_label
}
/** The choices for a column, "leave out" first. */
export const fieldChoices = () => [
  { value: '', name: m.import_field_none() },
  ...Object.entries(FIELDS).map(([value, name]) => ({ value, name: name() }))
]

const FATE_WORDS: Record<ImportFate, [before: () => string, after: () => string]> = {
  make: [m.import_fate_make, m.import_done_make],
  change: [m.import_fate_change, m.import_done_change],
  same: [m.import_fate_same, m.import_fate_same],
  refuse: [m.import_fate_refuse, m.import_fate_refuse]
}
export const fateWord = (fate: ImportFate, done: boolean): string => FATE_WORDS[fate][done ? 1 : 0]()
/** In the order of their filters. */
export const FATES: ImportFate[] = ['make', 'change', 'same', 'refuse']
export const FATE_KIND = { make: 'done', change: 'done', same: 'waiting', refuse: 'danger' } as const

const EFFECTS: Record<ImportEffect, () => string> = {
  person: m.import_effect_person,
  organisation: m.import_effect_organisation,
  membership: m.import_effect_membership,
  name: m.import_effect_name,
  language: m.import_effect_language,
  invitation: m.import_effect_invitation
}
const REASONS: Record<ImportRefusal, (facts: { line: number }) => string> = {
  empty_of_people: m.import_reason_empty,
  email_missing: m.import_reason_email_missing,
  email_invalid: m.import_reason_email_invalid,
  name_missing: m.import_reason_name_missing,
  name_too_long: m.import_reason_name_too_long,
  organisation_too_long: m.import_reason_organisation_too_long,
  organisation_ambiguous: m.import_reason_organisation_ambiguous,
  role_unknown: m.import_reason_role_unknown,
  role_administrator: m.import_reason_role_administrator,
  language_unknown: m.import_reason_language_unknown,
  staff_of_client: m.import_reason_staff_of_client,
  cells: m.import_reason_cells,
  duplicate: m.import_reason_duplicate,
  contradicts: m.import_reason_contradicts,
  deactivated: m.import_reason_deactivated,
  other_role: m.import_reason_other_role,
  sub_account: m.import_reason_sub_account
}

/** Why, or what in particular. Empty where the fate says it all. */
export function lineText({ reason, of_line, effects }: ImportLine): string {
  if (reason) return REASONS[reason]({ line: of_line ?? 0 })
  return effects.map((effect) => EFFECTS[effect]()).join(' · ')
}

/** What the button says; null: there is nothing to do. */
export function actText({ people, organisations, changed, invitable }: ImportSums, invite: boolean) {
  if (people > 0) return m.import_act_people({ count: people })
  if (organisations > 0) return m.import_act_organisations({ count: organisations })
  if (changed > 0) return m.import_act_changes({ count: changed })
  return invite && invitable > 0 ? m.import_act_invitations({ count: invitable }) : null
}

const FILE_FAULTS: Record<string, () => string> = {
  empty: m.import_file_empty,
  workbook: m.import_file_workbook,
  no_table: m.import_file_no_table,
  too_many_lines: m.import_file_too_many_lines
}

/** What is wrong with the file as a whole; null: it is something else. */
export function fileFault({ code, errors }: Trouble): string | null {
  if (code === 'too_large') return m.import_file_too_large()
  const fault = errors.find((one) => one.field === 'file')?.code ?? ''
  const line = /^quote:(\d+)$/.exec(fault)?.[1]
  if (line) return m.import_file_quote({ line: Number(line) })
  return FILE_FAULTS[fault]?.() ?? null
}

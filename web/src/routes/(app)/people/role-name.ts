import type { StaffRole } from '#lib/contract.ts'
import * as m from '#lib/paraglide/messages.js'

const NAMES: Record<StaffRole, () => string> = {
  administrator: m.role_administrator,
  staff: m.role_staff,
  assistant: m.role_assistant,
  auditor: m.role_auditor
}

/** A role of the firm in the reader's language. */
export const roleName = (role: StaffRole): string => NAMES[role]()

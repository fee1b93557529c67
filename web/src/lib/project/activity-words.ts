/** The log in sentences. Every action has one; a new action without a sentence does not compile. */
import type { Action, Activity, Level } from '#lib/contract.ts'
import { LEVELS } from './levels.ts'
import * as m from '#lib/paraglide/messages.js'
import { levelText } from './access-words.ts'
import type { Line } from './bundle.ts'

/** What a sentence is made of. `level`: in words, of grants. */
type Parts = { who: string; document: string; subject: string; level: string }

const SENTENCES: Record<Action, (parts: Parts) => string> = {
  'firm.set_up': m.activity_firm_set_up,
  'firm.changed': m.activity_firm_changed,
  'firm.sign_in_changed': m.activity_firm_sign_in_changed,
  'organisation.created': m.activity_organisation_created,
  'organisation.renamed': m.activity_organisation_renamed,
  'membership.changed': m.activity_membership_changed,
  'assignment.made': m.activity_assignment_made,
  'assignment.ended': m.activity_assignment_ended,
  'exclusion.made': m.activity_exclusion_made,
  'exclusion.lifted': m.activity_exclusion_lifted,
  'group.created': m.activity_group_created,
  'group.renamed': m.activity_group_renamed,
  'group.ended': m.activity_group_ended,
  'group.joined': m.activity_group_joined,
  'group.left': m.activity_group_left,
  'guest.invited': m.activity_guest_invited,
  'guest.extended': m.activity_guest_extended,
  'guest.taken_over': m.activity_guest_taken_over,
  'guest.stayed': m.activity_guest_stayed,
  'guest.ending': m.activity_guest_ending,
  'guest.without_sponsor': m.activity_guest_without_sponsor,
  'guest.ended': m.activity_guest_ended,
  'person.created': m.activity_person_created,
  'person.invited': m.activity_person_invited,
  'person.joined': m.activity_person_joined,
  'person.changed': m.activity_person_changed,
  'person.seen_as': m.activity_person_seen_as,
  'person.seen_as_ended': m.activity_person_seen_as_ended,
  'person.handed_over': m.activity_person_handed_over,
  'person.taken_over': m.activity_person_taken_over,
  'person.deactivated': m.activity_person_deactivated,
  'person.reactivated': m.activity_person_reactivated,
  'person.role_changed': m.activity_person_role_changed,
  'person.access_reset': m.activity_person_access_reset,
  'identity.linked': m.activity_identity_linked,
  'provider.changed': m.activity_provider_changed,
  'way_in.made': m.activity_way_in_made,
  'way_in.confirmed': m.activity_way_in_confirmed,
  'way_in.withdrawn': m.activity_way_in_withdrawn,
  'way_in.used': m.activity_way_in_used,
  'session.started': m.activity_session_started,
  'session.ended': m.activity_session_ended,
  'session.failed': m.activity_session_failed,
  'second_factor.set_up': m.activity_second_factor_set_up,
  'second_factor.failed': m.activity_second_factor_failed,
  'session.proved': m.activity_session_proved,
  'password.changed': m.activity_password_changed,
  'password.reset_asked': m.activity_password_reset_asked,
  'password.reset': m.activity_password_reset,
  'email.change_asked': m.activity_email_change_asked,
  'email.changed': m.activity_email_changed,
  'email.change_undone': m.activity_email_change_undone,
  'second_factor.renamed': m.activity_second_factor_renamed,
  'second_factor.removed': m.activity_second_factor_removed,
  'second_factor.codes_made': m.activity_second_factor_codes_made,
  'second_factor.code_sent': m.activity_second_factor_code_sent,
  'second_factor.code_used': m.activity_second_factor_code_used,
  'project.created': m.activity_project_created,
  'folder.created': m.activity_folder_created,
  'grant.given': m.activity_grant_given,
  'grant.changed': m.activity_grant_changed,
  'deputy.named': m.activity_deputy_named,
  'deputy.ended': m.activity_deputy_ended,
  'emergency.opened': m.activity_emergency_opened,
  'emergency.ended': m.activity_emergency_ended,
  'grant.taken': m.activity_grant_taken,
  'access.closed': m.activity_access_closed,
  'access.opened': m.activity_access_opened,
  'lock.set': m.activity_lock_set,
  'lock.lifted': m.activity_lock_lifted,
  'lock.coming': m.activity_lock_coming,
  'lock.passed_over': m.activity_lock_passed_over,
  'four_eyes.changed': m.activity_four_eyes_changed,
  'link.created': m.activity_link_created,
  'link.opened': m.activity_link_opened,
  'link.handed_over': m.activity_link_handed_over,
  'link.revoked': m.activity_link_revoked,
  'link.renewed': m.activity_link_renewed,
  'link.renewal_asked': m.activity_link_renewal_asked,
  'link.mailed': m.activity_link_mailed,
  'upload.started': m.activity_upload_started,
  'upload.aborted': m.activity_upload_aborted,
  'upload.swept': m.activity_upload_swept,
  'document.received': m.activity_document_received,
  'document.adopted': m.activity_document_adopted,
  'document.viewed': m.activity_document_viewed,
  'document.downloaded': m.activity_document_downloaded,
  'document.delivered': m.activity_document_delivered,
  'archive.ordered': m.activity_archive_ordered,
  'archive.ready': m.activity_archive_ready,
  'archive.failed': m.activity_archive_failed,
  'archive.handed_out': m.activity_archive_handed_out,
  'archive.delivered': m.activity_archive_delivered,
  'archive.deleted': m.activity_archive_deleted,
  'archive.expired': m.activity_archive_expired,
  'page.viewed': m.activity_document_viewed,
  'text.viewed': m.activity_text_viewed,
  'search.run': m.activity_search_run,
  'access.refused': m.activity_access_refused,
  'document.renamed': m.activity_document_renamed,
  'document.moved': m.activity_document_moved,
  'document.copied': m.activity_document_copied,
  'document.described': m.activity_document_described,
  'document.trashed': m.activity_document_trashed,
  'document.restored': m.activity_document_restored,
  'document.erased': m.activity_document_erased,
  'folder.renamed': m.activity_folder_renamed,
  'folder.moved': m.activity_folder_moved,
  'folder.trashed': m.activity_folder_trashed,
  'folder.restored': m.activity_folder_restored,
  'folder.erased': m.activity_folder_erased,
  'comment.written': m.activity_comment_written,
  'comment.taken_back': m.activity_comment_taken_back,
  'version.received': m.activity_version_received,
  'version.restored': m.activity_version_restored,
  'version.checked': m.activity_version_checked,
  'version.held': m.activity_version_held,
  'version.released': m.activity_version_released,
  'version.shown': m.activity_version_shown,
  'version.ready': m.activity_version_ready,
  'version.not_previewed': m.activity_version_not_previewed,
  'version.redrawn': m.activity_version_redrawn,
  'log.completed': m.activity_log_completed,
  'reconciliation.ended': m.activity_reconciliation_ended,
  'job.dead': m.activity_job_dead,
  'job.begun_again': m.activity_job_begun_again,
  'incident.noticed': m.activity_incident_noticed,
  'mail.sent': m.activity_mail_sent,
  'key.created': m.activity_key_created,
  'key.revoked': m.activity_key_revoked,
  'key.opened_s3': m.activity_key_opened_s3,
  'automation.created': m.activity_automation_created,
  'automation.changed': m.activity_automation_changed,
  'automation.ended': m.activity_automation_ended,
  'automation.ran': m.activity_automation_ran,
  'webhook.created': m.activity_webhook_created,
  'webhook.changed': m.activity_webhook_changed,
  'webhook.secret_changed': m.activity_webhook_secret_changed,
  'webhook.replayed': m.activity_webhook_replayed,
  'webhook.rested': m.activity_webhook_rested,
  'webhook.ended': m.activity_webhook_ended,
  'log.exported': m.activity_log_exported,
  'people.imported': m.activity_people_imported,
  'people.exported': m.activity_people_exported
}

/** Stand in for the names, so that a page can set them apart and link them whatever their place in the sentence. */
export const WHO = '\u0001'
export const DOCUMENT = '\u0002'

/** The sentence with WHO and DOCUMENT where the names belong. */
export function sentence({ act, pages }: Line): string {
  const parts: Parts = {
    who: WHO,
    document: DOCUMENT,
    subject: act.subject?.name ?? m.activity_somebody(),
    level: levelText(levelFact(act))
  }
  if (pages !== null) return m.activity_pages_viewed({ ...parts, count: pages })
  if (act.action === 'grant.given' && act.facts.allows === false) return m.activity_grant_denied(parts)
  if (act.action === 'access.closed' && act.document) return m.activity_access_closed_document(parts)
  if (act.action === 'access.opened' && act.document) return m.activity_access_opened_document(parts)
  if (act.action === 'access.refused' && act.document) return m.activity_access_refused_document(parts)
  if (act.action === 'lock.set' && act.document) return m.activity_lock_set_document(parts)
  if (act.action === 'lock.lifted' && act.document) return m.activity_lock_lifted_document(parts)
  if (act.action === 'emergency.ended' && act.facts.by_itself === true)
    return m.activity_emergency_over(parts)
  if (act.action === 'document.adopted' && act.actor) return m.activity_document_adopted_by(parts)
  if (act.action === 'document.downloaded' && typeof act.facts.function === 'string')
    return m.activity_document_lent(parts)
  if (act.action === 'four_eyes.changed' && act.facts.four_eyes === false)
    return m.activity_four_eyes_ended(parts)
  return SENTENCES[act.action](parts)
}

function levelFact(act: Activity): Level | null {
  // Acts of the first weeks bear the database's number.
  const said = act.facts.level
  const level = typeof said === 'number' ? LEVELS[said] : said
  return level === 'view' || level === 'download' || level === 'contribute' || level === 'manage'
    ? level
    : null
}

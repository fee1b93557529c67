import * as m from '#lib/paraglide/messages.js'

const KINDS: Record<string, () => string> = {
  arrive: m.jobs_kind_arrive,
  adopt: m.jobs_kind_adopt,
  scan: m.jobs_kind_scan,
  preview: m.jobs_kind_preview,
  index: m.jobs_kind_index,
  notify: m.jobs_kind_notify,
  notices: m.jobs_kind_notices,
  digest: m.jobs_kind_digest,
  archive: m.jobs_kind_archive,
  events: m.jobs_kind_events,
  webhook: m.jobs_kind_webhook,
  automations: m.jobs_kind_automations,
  automate: m.jobs_kind_automate,
  clock: m.jobs_kind_clock
}

/** A kind of work in the reader's language; one that is new here by its own name. */
export const kindName = (kind: string): string => KINDS[kind]?.() ?? kind

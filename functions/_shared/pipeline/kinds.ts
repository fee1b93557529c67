/** Every kind of job, by its name in the job table. */
import { adopt } from './adopt.ts'
import { archive } from './archive.ts'
import { arrival } from './arrival.ts'
import { automate, automations } from './automate.ts'
import { clock } from './clock.ts'
import { digest } from './digest.ts'
import { events } from './events.ts'
import { indexText } from './index-text.ts'
import type { Kind } from './kind.ts'
import { notices } from './notices.ts'
import { notify } from './notify.ts'
import { preview } from './preview.ts'
import { rescan } from './rescan.ts'
import { scan } from './scan.ts'
import { scanner } from './scanner.ts'
import { webhook } from './webhook.ts'

export const KINDS: Record<string, Kind> = {
  arrive: arrival,
  adopt,
  scan,
  rescan,
  scanner,
  preview,
  index: indexText,
  notify,
  notices,
  digest,
  archive,
  automations,
  automate,
  events,
  webhook,
  clock
}

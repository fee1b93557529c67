/** The topics of help, and which one belongs to which page. Pure. Their texts: docs/help/<language>/<topic>.md. */

/** For whom: `all` needs no sign-in, `people` and `staff` do. In the order of the list. */
export const TOPICS = {
  'sign-in': 'all',
  'second-factor': 'all',
  invitation: 'all',
  link: 'all',
  send: 'people',
  read: 'people',
  download: 'people',
  versions: 'people',
  order: 'people',
  comments: 'people',
  search: 'people',
  notices: 'people',
  'who-can-see': 'people',
  invite: 'staff',
  import: 'staff',
  accounts: 'staff',
  'give-access': 'staff',
  locks: 'staff',
  share: 'staff',
  rules: 'staff',
  log: 'staff',
  emergency: 'staff',
  jobs: 'staff',
  backups: 'staff',
  api: 'staff'
} as const satisfies Record<string, 'all' | 'people' | 'staff'>
export type Topic = keyof typeof TOPICS

export const isTopic = (text: string): text is Topic => Object.hasOwn(TOPICS, text)

const names = Object.keys(TOPICS).filter(isTopic)

/** What is listed for a client, a member of staff, or somebody who is not signed in. */
export function topicsFor(reader: 'nobody' | 'client' | 'staff'): Topic[] {
  if (reader === 'nobody') return names.filter((name) => TOPICS[name] === 'all')
  return names.filter((name) => reader === 'staff' || TOPICS[name] !== 'staff')
}

/** Help that is read without signing in: the list and what one needs at the door. */
export function isOpenHelp(path: string): boolean {
  const topic = /^\/help(?:\/([a-z-]+))?\/?$/.exec(path)
  if (!topic) return false
  return topic[1] === undefined || (isTopic(topic[1]) && TOPICS[topic[1]] === 'all')
}

type Place = { path: RegExp; topic: Topic; staff?: Topic }

/** The first that fits. `staff`: what the firm's people need there instead. */
const PLACES: Place[] = [
  { path: /^\/(sign-in|forgot|reset|email|email-undo)(\/|$)/, topic: 'sign-in' },
  { path: /^\/second-factor/, topic: 'second-factor' },
  { path: /^\/(invitation|setup)\//, topic: 'invitation' },
  { path: /^\/l\//, topic: 'link' },
  { path: /^\/unsubscribe\//, topic: 'notices' },
  { path: /^\/projects\/[^/]+\/people/, topic: 'who-can-see', staff: 'give-access' },
  { path: /^\/projects\/[^/]+\/activity/, topic: 'who-can-see' },
  { path: /^\/projects\/[^/]+\/links/, topic: 'share' },
  { path: /^\/projects\/[^/]+\/trash/, topic: 'order' },
  { path: /^\/projects\//, topic: 'send' },
  { path: /^\/automations/, topic: 'rules' },
  { path: /^\/locks/, topic: 'locks' },
  { path: /^\/documents\/[^/]+\/compare/, topic: 'versions' },
  { path: /^\/documents\//, topic: 'read' },
  { path: /^\/search/, topic: 'search' },
  { path: /^\/(inbox|account\/notices)/, topic: 'notices' },
  { path: /^\/archives/, topic: 'download' },
  { path: /^\/(account\/keys|api|settings\/webhooks)/, topic: 'api' },
  { path: /^\/account\/deputies/, topic: 'accounts' },
  { path: /^\/log/, topic: 'log' },
  { path: /^\/emergency/, topic: 'emergency' },
  { path: /^\/jobs/, topic: 'jobs' },
  { path: /^\/settings\/backups/, topic: 'backups' },
  { path: /^\/account/, topic: 'sign-in' },
  { path: /^\/people\/import/, topic: 'import' },
  { path: /^\/people\/./, topic: 'accounts' },
  { path: /^\/people/, topic: 'invite' }
]

/** Where "?" leads from a page: its topic, else the list of them. */
export function helpFor(path: string, staff: boolean): string {
  const place = PLACES.find((one) => one.path.test(path))
  const topic = (staff && place?.staff) || place?.topic
  return topic ? `/help/${topic}` : '/help'
}

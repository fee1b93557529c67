/**
 * A person at work, as k6 runs fifty of them: looks around, reads, searches, asks, sends. What is not answered is asked
 * again with the same key, as the browser does; each answer counts, also while something is down.
 */
import http from 'k6/http'
import { sleep } from 'k6'
import { Counter, Trend } from 'k6/metrics'

/** { origin, seconds, people: [{ cookie, project_id, staff }] } */
const stage = JSON.parse(open(__ENV.STAGE))

export const options = {
  scenarios: {
    people: {
      executor: 'constant-vus',
      vus: stage.people.length,
      duration: `${stage.seconds}s`,
      gracefulStop: '90s'
    }
  },
  summaryTrendStats: ['count', 'med', 'p(95)', 'p(99)', 'max']
}

/** Milliseconds of each answer of the API itself: of the try that was answered, not of those that failed before. */
const answered = new Trend('portico_answered', true)
/** Milliseconds that a person waited for one of them, failed tries and the pauses between them included. */
const waited = new Trend('portico_waited', true)
const acts = new Counter('portico_acts')
const failed = new Counter('portico_failed')
const unhealed = new Counter('portico_unhealed')
const wrong = new Counter('portico_wrong')

/** Seconds for which an act is tried again, between two tries, and between two acts of a person. */
const PATIENCE = 60
const AGAIN = [0.3, 0.9]
const THINK = [1, 5]

const between = ([least, most]) => least + Math.random() * (most - least)
const oneOf = (list) => list[Math.floor(Math.random() * list.length)]
const uuid = () =>
  'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(Math.random() * 16).toString(16))

/** Until it is answered; null when nothing healed it. */
function persist(ask, counts) {
  const began = Date.now()
  for (;;) {
    const response = ask()
    const { status } = response
    if (status > 0 && status < 500 && status !== 409 && status !== 429) {
      if (counts) answered.add(response.timings.duration)
      waited.add(Date.now() - began)
      return response
    }
    failed.add(1, { status: String(status) })
    if (Date.now() - began > PATIENCE * 1000) {
      unhealed.add(1)
      console.error(`not healed: ${response.request.method} ${status} ${response.error}`)
      return null
    }
    sleep(between(AGAIN))
  }
}

function api(person, method, path, body) {
  const headers = { cookie: person.cookie, origin: stage.origin, 'content-type': 'application/json' }
  if (method === 'POST') headers['idempotency-key'] = uuid()
  const params = {
    headers,
    redirects: 0,
    timeout: '30s',
    tags: { name: path.replace(/[0-9a-f-]{36}/g, '{id}') }
  }
  const text = body === undefined ? null : JSON.stringify(body)
  const response = persist(() => http.request(method, `${stage.origin}/api/v1${path}`, text, params), true)
  if (response && response.status >= 400) {
    wrong.add(1)
    console.error(
      `refused: ${method} ${params.tags.name} ${response.status} ${String(response.body).slice(0, 200)}`
    )
    return null
  }
  return response
}

const json = (response) => (response ? response.json() : null)

function lookAround(person) {
  api(person, 'GET', '/auth/session')
  api(person, 'GET', person.staff ? '/documents/dashboard' : '/documents/projects')
  api(person, 'GET', `/documents/projects/${person.project_id}`)
  api(person, 'GET', '/auth/notices/unread')
}

const listed = (person) =>
  json(api(person, 'GET', `/documents/folders/${person.project_id}/documents?limit=50`))?.items ?? []

function read(person) {
  const document = oneOf(listed(person).filter((one) => one.version.state === 'ready'))
  if (!document) return
  api(person, 'GET', `/documents/documents/${document.id}`)
  const pages = json(api(person, 'GET', `/documents/documents/${document.id}/pages`)) ?? []
  if (pages.length === 0) return
  const image = api(person, 'GET', `/documents/documents/${document.id}/pages/${pages[0].no}/image`)
  const url = image?.headers.Location
  if (url) persist(() => http.get(url, { timeout: '30s', tags: { name: 'store' } }), false)
}

function search(person) {
  api(person, 'GET', `/documents/search?q=${oneOf(['Bilanz', 'Konto', 'Marke', 'Brief', 'Rechnung'])}`)
}

function ask(person) {
  const document = oneOf(listed(person))
  if (document)
    api(person, 'POST', '/documents/comments', { documents: [document.id], text: `Frage ${uuid()}` })
}

function send(person) {
  const text = `Beleg ${uuid()}\n${'Zeile eines Briefs\n'.repeat(30)}`
  const files = [{ name: `Beleg ${uuid()}.txt`, size: text.length, declared_type: 'text/plain' }]
  const made = json(api(person, 'POST', '/documents/uploads', { folder_id: person.project_id, files }))
  const upload = made?.uploads[0]
  if (!upload) return
  const params = { headers: { 'if-none-match': '*' }, timeout: '30s', tags: { name: 'store' } }
  const put = persist(() => http.put(upload.url, text, params), false)
  // 412: it had arrived, only its answer was lost.
  if (put && put.status >= 400 && put.status !== 412) wrong.add(1)
  const receipt = json(api(person, 'POST', '/documents/uploads/complete', { ids: [upload.id] }))
  if (receipt && receipt.outcomes[0]?.outcome !== 'received') {
    unhealed.add(1)
    console.error(`not received: ${JSON.stringify(receipt.outcomes[0])}`)
  }
}

const look = (person) => api(person, 'GET', `/audit/activity?project_id=${person.project_id}`)

/** How many of a hundred acts. */
const MIX = [
  [30, lookAround],
  [40, read],
  [10, search],
  [8, look],
  [6, ask],
  [6, send]
]

export default function () {
  const person = stage.people[(__VU - 1) % stage.people.length]
  let chance = Math.random() * 100
  for (const [share, act] of MIX) {
    chance -= share
    if (chance > 0) continue
    act(person)
    acts.add(1)
    break
  }
  sleep(between(THINK))
}

export const handleSummary = (data) => ({ [__ENV.FIGURES]: JSON.stringify(data.metrics) })

/** A page's files on their way to the places that the job brought for them. */
import http from 'node:http'
import https from 'node:https'
import { type OutputRole, OUTPUT_TYPE, type PageMade, type PreviewRequest } from '../_shared/contract/job.ts'
import { InputAway, InputGone } from '../_shared/parser.ts'
import type { Drawn } from './drawn.ts'

/** Milliseconds for one PUT of some hundred KiB. */
const PATIENCE = 10_000

/** Sends a page's files to their slots. Throws InputAway when the store does not take them, InputGone without a slot. */
export async function putPage(
  job: PreviewRequest,
  no: number,
  drawn: Drawn,
  signal: AbortSignal
): Promise<PageMade> {
  const send = async (role: OutputRole, body: Uint8Array): Promise<string> => {
    const slot = job.output.find((one) => one.page === no && one.role === role)
    if (!slot) throw new InputGone('slot_missing')
    const status = await put(slot.url, OUTPUT_TYPE[role], body, signal).catch((cause: unknown) => {
      throw new InputAway('the store does not answer', { cause })
    })
    if (status < 200 || status > 299) throw new InputAway(`the store answered ${status}`)
    return slot.key
  }
  const [image_key, thumbnail_key, text_key] = await Promise.all([
    send('image', drawn.image),
    send('thumbnail', drawn.thumbnail),
    drawn.text && send('text', drawn.text)
  ])
  return { no, width: drawn.width, height: drawn.height, image_key, thumbnail_key, text_key }
}

const KEPT = { keepAlive: true, maxFreeSockets: 8 }
const plain = { open: http.request, agent: new http.Agent(KEPT) }
const secure = { open: https.request, agent: new https.Agent(KEPT) }

/** A PUT; the answer's status. By fetch, which streams what is here whole, three a page were a tenth of its time. */
async function put(url: string, type: string, body: Uint8Array, signal: AbortSignal): Promise<number> {
  const { open, agent } = url.startsWith('https:') ? secure : plain
  const send = (by: http.Agent | https.Agent | false) =>
    new Promise<number | 'closed'>((resolve, reject) => {
      const headers = { 'content-type': type, 'content-length': body.length }
      const request = open(url, { method: 'PUT', agent: by, headers, signal }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      request.setTimeout(PATIENCE, () => request.destroy(new Error('the store is silent')))
      request.on('error', (error: NodeJS.ErrnoException) =>
        request.reusedSocket && CLOSED.has(error.code ?? '') ? resolve('closed') : reject(error)
      )
      request.end(body)
    })
  const first = await send(agent)
  const status = first === 'closed' ? await send(false) : first
  if (status === 'closed') throw new Error('the store closed a new connection')
  return status
}

/** A kept connection may be closed by the other end at the very moment it is used again. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE'])

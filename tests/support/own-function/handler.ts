/**
 * A function of a firm's own, as docs/guide/own-functions.md describes it: reads a plain-text invoice and says what it is. It
 * holds one secret, the key of its own calls.
 */
import { FunctionAnswer, FunctionCall } from '../../../functions/_shared/contract/own-function.ts'
import { answerError } from '../../../functions/_shared/answer-error.ts'
import { verifyJobToken } from '../../../functions/_shared/auth/job-token.ts'
import { openInput, readBody } from '../../../functions/_shared/parser.ts'

/** Bytes that are read of a document: a number stands at its top. */
const READ = 64 * 1024

async function firstWords(url: string): Promise<string> {
  const stream = await openInput(url, AbortSignal.timeout(10_000))
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= READ) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function answer(request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== '/rule') return new Response('', { status: 404 })
  const run = await verifyJobToken(request, 'reader')
  const call = await readBody(request, FunctionCall)
  if (call.run !== run) return new Response('', { status: 403 })
  const text = await firstWords(call.content)
  const number = /Rechnung(?:snummer)?:? +(\w[\w-]*)/i.exec(text)?.[1]
  if (!number) return Response.json({ comment: 'Keine Rechnungsnummer gefunden.' } satisfies FunctionAnswer)
  const sum = /Summe:? +([\d.,]+ ?€)/.exec(text)?.[1]
  return Response.json({
    rename: `Rechnung ${number}`,
    tags: ['Rechnung', call.document.from === 'client' ? 'Mandant' : 'Kanzlei'],
    ...(sum && { description: `Über ${sum}` }),
    move: ['Rechnungen', call.document.received_on.slice(0, 4)]
  } satisfies FunctionAnswer)
}

export default {
  fetch: (request: Request): Promise<Response> =>
    answer(request).catch((error: unknown) => answerError(error, 'example'))
}

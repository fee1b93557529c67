/** A function of the firm's own is asked what shall be done with a document, and that is done like a rule's other acts. */
import { config, secretKey } from '../_shared/config.ts'
import { signJobToken } from '../_shared/auth/job-token.ts'
import type { AutomationStep } from '../_shared/contract/automation.ts'
import {
  CALL_SECONDS,
  FunctionAnswer,
  type FunctionCall,
  MAX_ANSWER
} from '../_shared/contract/own-function.ts'
import { withEnding } from '../_shared/rules/automation.ts'
import { traceHeaders } from '../_shared/trace.ts'
import { ApiAway, type CallApi, DONE, type Does, told } from './api.ts'
import { type At, label, move, rename } from './document.ts'

/** Nothing came of the call: `code` says why, for the run's log. */
class NoAnswer extends Error {
  readonly code: string
  constructor(code: string, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}

/**
 * The call's own step, then one for each thing that the function wants done, up to the first that is refused.
 *
 * @throws ApiAway when the document is not checked yet, or whoever is asked is away: the run is tried again
 */
export async function callAndApply(api: CallApi, name: string, at: At): Promise<AutomationStep[]> {
  const call = (does: Does): AutomationStep => ({ do: 'call', ...does })
  if (!config.rule_functions.some((one) => one.name === name))
    return [call({ outcome: 'not_possible', code: 'function_not_there' })]
  const lent = await api('POST', `/documents/documents/${at.document.id}/lendings`, { function: name })
  if (lent.code === 'not_ready') throw new ApiAway('not_checked', 5)
  if (lent.status >= 300) return [call(told(lent))]
  const { url } = lent.body as { url: string }
  try {
    const wanted = await ask(name, { run: at.run_id, document: documentOf(at), content: url })
    return [call(DONE), ...(await apply(api, wanted, at))]
  } catch (error) {
    if (error instanceof NoAnswer) return [call({ outcome: 'not_possible', code: error.code })]
    throw error
  }
}

function documentOf({ document }: At): FunctionCall['document'] {
  const { id, name, size, tags, description, from, sender, received_on, project_who } = document
  const { detected_type: type } = document
  return { id, name, type, size, tags, description, from, sender, received_on, project: project_who }
}

/** Throws NoAnswer, and ApiAway for a gateway or a function that is away. A function that dies over it is asked once more. */
async function ask(name: string, call: FunctionCall): Promise<FunctionAnswer> {
  const token = await signJobToken(secretKey('job-key-automations'), name, call.run, CALL_SECONDS)
  const once = () =>
    fetch(`${config.gateway_url}/function/${name}/rule`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...traceHeaders()
      },
      body: JSON.stringify(call),
      signal: AbortSignal.timeout(CALL_SECONDS * 1_000)
    })
  try {
    let answer = await once()
    if (answer.status === 502) {
      await answer.body?.cancel()
      answer = await once()
    }
    return await read(answer)
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof ApiAway) throw error
    if (error instanceof Error && error.name === 'TimeoutError')
      throw new NoAnswer('function_too_slow', error)
    throw new ApiAway('no_answer', 30, error)
  }
}

async function read(answer: Response): Promise<FunctionAnswer> {
  if (answer.status === 200) return parse(await textOf(answer))
  await answer.body?.cancel()
  if (answer.status === 503 || answer.status === 429)
    throw new ApiAway(`status_${answer.status}`, Number(answer.headers.get('retry-after')) || 30)
  if (answer.status === 404) throw new NoAnswer('function_not_there')
  throw new NoAnswer(answer.status === 504 ? 'function_too_slow' : 'function_failed')
}

function parse(text: string): FunctionAnswer {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch (cause) {
    throw new NoAnswer('answer_unfit', cause)
  }
  const parsed = FunctionAnswer.safeParse(said)
  if (!parsed.success) throw new NoAnswer('answer_unfit', parsed.error)
  return parsed.data
}

/** At most MAX_ANSWER bytes of it. */
async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER) throw new NoAnswer('answer_unfit')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function apply(api: CallApi, wanted: FunctionAnswer, at: At): Promise<AutomationStep[]> {
  const { document, step } = at
  const steps: AutomationStep[] = []
  const acts: [AutomationStep['do'], () => Promise<Does>][] = []
  const { rename: name, tags, description, comment, move: path } = wanted
  if (name !== undefined) acts.push(['rename', () => rename(api, document, withEnding(name, document.name))])
  if (tags !== undefined && tags.length > 0) acts.push(['tag', () => label(api, document, { tags })])
  if (description !== undefined) acts.push(['describe', () => label(api, document, { description })])
  if (comment !== undefined)
    acts.push([
      'comment',
      async () =>
        told(
          await api(
            'POST',
            '/documents/comments',
            { documents: [document.id], text: comment },
            `${step} comment`
          )
        )
    ])
  if (path !== undefined)
    acts.push([
      'move',
      async () => {
        const folder_id = await at.folderByPath(path)
        return folder_id
          ? move(api, document, folder_id)
          : { outcome: 'not_possible', code: 'no_such_folder' }
      }
    ])
  for (const [what, does] of acts) {
    const came = await does()
    steps.push({ do: what, ...came })
    if (came.outcome !== 'done' && came.outcome !== 'nothing_to_do') break
  }
  return steps
}

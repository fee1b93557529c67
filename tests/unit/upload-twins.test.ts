import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, type Question, askAbout, findTwins } from '../../web/src/lib/upload/twins.ts'

const pick = (name: string) => ({ file: new File(['x'], name), path: '' })
const twin = (name: string) => ({ file: pick(name), document_id: `document of ${name}`, newest_no: 1 })

/** Answers each question as it comes; the questions as they were. */
function answering(...answers: [Answer, boolean][]) {
  const asked: string[] = []
  const show = (question: Question | null) => {
    if (!question) return void asked.push('over')
    asked.push(`${question.name} ${question.at}/${question.count}`)
    const [answer, for_all] = answers.shift() ?? ['skip', true]
    question.answer(answer, for_all)
  }
  return { asked, show }
}

test('each file is asked about by itself, and goes as it was answered', async () => {
  const { asked, show } = answering(['version', false], ['both', false], ['skip', false])
  const send = await askAbout([twin('a'), twin('b'), twin('c')], show)
  assert.deepEqual(
    send.map((one) => [one.file.name, 'document_id' in one ? one.document_id : null]),
    [
      ['a', 'document of a'],
      ['b', null]
    ]
  )
  assert.deepEqual(asked, ['a 1/3', 'b 2/3', 'c 3/3', 'over'])
})

test('an answer for all is not asked for again', async () => {
  const { asked, show } = answering(['skip', false], ['version', true])
  const send = await askAbout([twin('a'), twin('b'), twin('c')], show)
  assert.deepEqual(
    send.map((one) => one.document_id),
    ['document of b', 'document of c']
  )
  assert.deepEqual(asked, ['a 1/3', 'b 2/3', 'over'])
})

test('thousands of files are looked up in slices, each with its own numbers', async () => {
  const slices: number[] = []
  const files = Array.from({ length: 1_203 }, (_, index) => pick(`${index}`))
  const { fresh, twins } = await findTwins(
    async (_folder, names) => {
      slices.push(names.length)
      const index = names.findIndex((one) => one.name === '600' || one.name === '1202')
      return { matches: index < 0 ? [] : [{ index, document_id: 'd', newest_no: 4 }] }
    },
    'folder',
    files
  )
  assert.deepEqual(slices, [500, 500, 203])
  assert.deepEqual(
    twins.map((one) => one.file.file.name),
    ['600', '1202']
  )
  assert.equal(fresh.length, 1_201)
})

test('where the portal does not answer nothing is taken for a version', async () => {
  const { fresh, twins } = await findTwins(() => Promise.reject(new Error('away')), 'folder', [pick('a')])
  assert.deepEqual([fresh.length, twins.length], [1, 0])
})

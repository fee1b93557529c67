/** docs/security/asvs.md: an answer for each requirement, and no proof that is not there. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const page = readFileSync(new URL('../../docs/security/asvs.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| (V\d+\.\d+\.\d+) +\| (.+?) +\| (.+?) +\|$/gm)].map(
  ([, id, answer, why]) => ({
    id: id ?? '',
    answer: answer ?? '',
    why: why ?? ''
  })
)

test('each of the 253 requirements of levels 1 and 2 has one answer, and says where or why', () => {
  assert.equal(new Set(rows.map((row) => row.id)).size, 253)
  assert.equal(rows.length, 253)
  for (const { id, answer, why } of rows) {
    assert.ok(['pass', 'n.a.', 'open'].includes(answer), id)
    assert.ok(why.length > 3, id)
    // A pass names the test that shows it, or the file that does it.
    if (answer === 'pass') assert.match(why, /[\w/.-]+\.(?:ts|sql|md|svelte|yml|json)\b/, id)
  }
})

test('the files that prove an answer are there', () => {
  const paths = page.matchAll(/\b(?:tests|functions|infra|web|docs)\/[\w./-]+\.(?:ts|sql|md|svelte)\b/g)
  for (const [path] of paths) assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path)
})

test('the sum at its head is the sum of its rows', () => {
  const count = (answer: string) => rows.filter((row) => row.answer === answer).length
  assert.ok(page.includes(`${count('pass')} pass, ${count('n.a.')} do not apply, ${count('open')} are open.`))
})

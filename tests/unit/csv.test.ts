import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvLine, separatorOf } from '../../functions/_shared/rules/csv.ts'

test('a cell that a spreadsheet would run as a formula stays text', () => {
  for (const start of ['=', '+', '-', '@'])
    assert.equal(csvLine([`${start}cmd|calc`, 'x']), `'${start}cmd|calc,x\r\n`)
  assert.equal(csvLine(['\t=1']), `"'\t=1"\r\n`)
  assert.equal(csvLine(['\r=1']), `"'\r=1"\r\n`)
  assert.equal(csvLine(['=HYPERLINK("x","y")']), `"'=HYPERLINK(""x"",""y"")"\r\n`)
})

test('commas, quotes and lines inside a cell do not end it; nothing is an empty cell', () => {
  assert.equal(csvLine(['a,b', 'say "x"', 'one\ntwo', null, 7]), '"a,b","say ""x""","one\ntwo",,7\r\n')
})

test('where the comma stands in numbers, cells are parted by a semicolon', () => {
  assert.deepEqual((['de', 'sv', 'en'] as const).map(separatorOf), [';', ';', ','])
  assert.equal(csvLine(['1,5', 'a;b', '=x', null], ';'), `"1,5";"a;b";'=x;\r\n`)
})

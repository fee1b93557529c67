import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readTable } from '../../functions/admin/table.ts'
import {
  areHeadings,
  fieldOf,
  guessFields,
  languageOf,
  roleOf
} from '../../functions/_shared/rules/import-columns.ts'
import {
  type ImportWish,
  type Unreadable,
  organisationKey,
  readLine
} from '../../functions/_shared/rules/import-line.ts'
import { type ImportFacts, type Known, planImport } from '../../functions/_shared/rules/import-plan.ts'
import { emailKey } from '../../functions/_shared/contract/email-key.ts'
import { csvLine } from '../../functions/_shared/rules/csv.ts'
import { ORGANISATIONS_HEAD, PEOPLE_HEAD, roleWord } from '../../functions/_shared/rules/export-words.ts'
import type { Locale } from '../../functions/_shared/contract/common.ts'
import type { ImportField } from '../../functions/_shared/contract/import.ts'
import { Problem } from '../../functions/_shared/problem.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const utf16 = (text: string, mark: boolean) => Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le')
const latin = (text: string) => Buffer.from(text, 'latin1')
const codeOf = async (bytes: Uint8Array) => {
  const error = await readTable(bytes).then(
    () => null,
    (reason: unknown) => reason
  )
  return error instanceof Problem ? error.errors[0]?.code : null
}
const cellsOf = async (bytes: Uint8Array) => (await readTable(bytes)).rows.map(({ cells }) => cells)

describe('the bytes of a table', () => {
  const text = 'Name;E-Mail\r\nJörg Müßig;joerg@example.org\r\n'
  const wanted = [
    ['Name', 'E-Mail'],
    ['Jörg Müßig', 'joerg@example.org']
  ]

  test('UTF-8 with and without a mark, UTF-16 both ways round and without a mark, and Windows-1252 are one text', async () => {
    const be = utf16(text, true).swap16()
    const all = [utf8(text), utf8(`\uFEFF${text}`), utf16(text, true), utf16(text, false), be, latin(text)]
    for (const bytes of all) assert.deepEqual(await cellsOf(bytes), wanted)
    assert.equal((await readTable(latin(text))).encoding, 'windows-1252')
    assert.equal((await readTable(be)).encoding, 'utf-16')
  })

  test('semicolons, commas, tabs, bars, and what Excel says of itself part the cells', async () => {
    for (const separator of [';', ',', '\t', '|']) {
      const table = `Name${separator}E-Mail\nA B${separator}a@example.org\n`
      assert.deepEqual((await cellsOf(utf8(table)))[1], ['A B', 'a@example.org'])
    }
    const told = await readTable(utf8('sep=|\r\nName|Mandant\r\nA, B|C; D\r\n'))
    assert.deepEqual(told.rows[1], { line: 3, cells: ['A, B', 'C; D'] })
    const commas = utf8('Mandant;E-Mail\n"Lind, Berg, Partner, mbB";x@example.org\n')
    assert.deepEqual((await cellsOf(commas))[1], ['Lind, Berg, Partner, mbB', 'x@example.org'])
  })

  test('a line break inside quotes is part of the cell, and lines keep their numbers in the file', async () => {
    const table = await readTable(utf8('Name,E-Mail\n"Anna\r\nLind",a@example.org\n\n , \nBo,b@example.org'))
    assert.deepEqual(
      table.rows.map(({ line, cells }) => [line, cells[0]]),
      [
        [1, 'Name'],
        [2, 'Anna\nLind'],
        [6, 'Bo']
      ]
    )
  })

  test('what is no table says so: nothing, a workbook, a picture, a quote without an end, too many lines', async () => {
    for (const nothing of ['', '\uFEFF', '\r\n\r\n', ' ; ;\n'])
      assert.equal(await codeOf(utf8(nothing)), 'empty', JSON.stringify(nothing))
    assert.equal(await codeOf(Buffer.from('504b0304140000', 'hex')), 'workbook')
    assert.equal(await codeOf(Buffer.from('d0cf11e0a1b11ae1', 'hex')), 'workbook')
    assert.equal(await codeOf(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')), 'no_table')
    assert.equal(
      await codeOf(utf8('Name;E-Mail\nA;a@example.org\nB;"b@example.org\nC;c@example.org\n')),
      'quote:3'
    )
    assert.equal(await codeOf(utf8(`Name\n${'x\n'.repeat(20_001)}`)), 'too_many_lines')
  })

  test('quotes that stand loosely in a cell are letters', async () => {
    assert.deepEqual(
      (await cellsOf(utf8('Name;E-Mail\nHans "Hansi" Huber;h@example.org')))[1]?.[0],
      'Hans "Hansi" Huber'
    )
  })
})

describe('headings', () => {
  test('German, English and Swedish ones are known however they are written; wrong ones are not', () => {
    const known: [string, ImportField][] = [
      ['E-Mail-Adresse', 'email'],
      ['EMAIL', 'email'],
      ['E-postadress', 'email'],
      ['Vorname', 'first_name'],
      ['Given name', 'first_name'],
      ['Efternamn', 'last_name'],
      [' mandant ', 'organisation'],
      ['Company Name', 'organisation'],
      ['Företag', 'organisation'],
      ['Språk', 'language'],
      ['Fo\u0308retag', 'organisation']
    ]
    for (const [heading, field] of known) assert.equal(fieldOf(heading), field, heading)
    for (const heading of ['', 'Telefon', 'Mandantennummer', 'constructor', '__proto__'])
      assert.equal(fieldOf(heading), null, heading)
  })

  test('"Name" beside "Vorname" is the family name; a second e-mail column is left alone', () => {
    assert.deepEqual(guessFields(['Name', 'Vorname', 'E-Mail', 'E-Mail privat'], []), [
      'last_name',
      'first_name',
      'email',
      null
    ])
  })

  test('a table without headings has its addresses found, and no line of it is taken for headings', () => {
    assert.ok(!areHeadings(['Name', 'a@example.org']))
    assert.ok(areHeadings(['Spalte 1', 'Mandant']))
    assert.deepEqual(guessFields(['', ''], [['Anna'], ['a@example.org', 'b@example.org']]), [null, 'email'])
  })

  test('roles and languages are words of three languages; what an export writes, an import knows', () => {
    assert.deepEqual(['Assistentin', 'Medarbetare', 'Client', 'Chef'].map(roleOf), [
      'assistant',
      'staff',
      'client',
      null
    ])
    assert.deepEqual(['Deutsch', 'EN', 'svenska', 'suomi'].map(languageOf), ['de', 'en', 'sv', null])
    for (const locale of ['de', 'en', 'sv'] satisfies Locale[]) {
      const fields: (ImportField | null)[] = ['name', 'email', 'organisation', 'role', 'language', null, null]
      assert.deepEqual(PEOPLE_HEAD[locale].map(fieldOf), fields)
      assert.deepEqual(ORGANISATIONS_HEAD[locale].map(fieldOf), ['organisation', null, null])
      for (const role of ['administrator', 'staff', 'assistant', 'auditor'] as const)
        assert.equal(roleOf(roleWord(role, locale)), role)
      assert.equal(roleOf(roleWord(null, locale)), 'client')
    }
  })
})

const FIELDS: (ImportField | null)[] = ['name', 'email', 'organisation', 'role', 'language']
const read = (lines: string[][]) => lines.map((cells, index) => readLine(index + 2, cells, FIELDS))
const nobody = (): ImportFacts => ({ people: new Map(), organisations: new Map() })
const plain = { invite: false, language: 'de' } as const
const fates = (lines: string[][], facts = nobody(), invite = false) =>
  planImport(read(lines), facts, { ...plain, invite }).lines.map((one) =>
    one.reason ? `${one.reason}${one.of_line ? ` ${one.of_line}` : ''}` : [one.fate, ...one.effects].join(' ')
  )
const known = (more: Partial<Known> = {}): Known => ({
  ...{ id: 'p', name: 'Anna Lind', locale: 'de', staff_role: null, active: true, joined: true },
  ...{ known: true, sub_account: false, invited: false, organisation_ids: [] },
  ...more
})
const facts = (person: Partial<Known>): ImportFacts => ({
  people: new Map([['a@example.org', known(person)]]),
  organisations: new Map([
    ['bergmann', ['b']],
    ['twice', ['t1', 't2']]
  ])
})

describe('what becomes of a line', () => {
  test('somebody new, a new client, somebody more of that client, a client alone', () => {
    assert.deepEqual(
      fates([
        ['Anna', 'a@example.org', 'Bergmann'],
        ['Bo', 'b@example.org', 'BERGMANN '],
        ['', '', 'Nord'],
        ['', '', 'nord']
      ]),
      ['make person organisation', 'make person', 'make organisation', 'duplicate 4']
    )
  })

  test('what a line lacks or gets wrong is said', () => {
    assert.deepEqual(
      fates([
        ['Anna', '', 'Bergmann'],
        ['Anna', 'no address', ''],
        ['', 'b@example.org', ''],
        ['x'.repeat(121), 'c@example.org', ''],
        ['C', 'c@example.org', 'x'.repeat(256)],
        ['D', 'd@example.org', '', 'Chef'],
        ['E', 'e@example.org', '', 'Administrator'],
        ['F', 'f@example.org', 'Bergmann', 'Assistenz'],
        ['G', 'g@example.org', '', '', 'Latein'],
        ['H', 'h@example.org', '', '', '', 'more'],
        ['', '', '', '', 'de']
      ]),
      [
        'email_missing',
        'email_invalid',
        'name_missing',
        'name_too_long',
        'organisation_too_long',
        'role_unknown',
        'role_administrator',
        'staff_of_client',
        'language_unknown',
        'cells',
        'empty_of_people'
      ]
    )
  })

  test('addresses that differ in case or in how their letters are written are one', () => {
    assert.deepEqual(
      fates([
        ['Anna', 'Anna@Example.org', 'A'],
        ['Anna', 'anna@example.ORG', 'A'],
        ['Anna', '\uFF41nna@example.org', 'B'],
        ['Anne', 'anna@example.org', 'C'],
        ['Anna', 'anna@example.org', '', 'Mitarbeiter']
      ]),
      [
        'make person organisation',
        'duplicate 2',
        'change organisation membership',
        'contradicts 2',
        'contradicts 2'
      ]
    )
    assert.deepEqual(
      fates([
        ['S', 's@example.org', '', 'staff'],
        ['S', 's@example.org', 'A']
      ])[1],
      'contradicts 2'
    )
  })

  test('who is there already is changed in nothing but what is missing', () => {
    const line = ['Other name', 'a@example.org', 'Bergmann', '', 'en']
    assert.deepEqual(fates([line], facts({})), ['change membership'])
    assert.deepEqual(fates([line], facts({ organisation_ids: ['b'] })), ['same'])
    assert.deepEqual(fates([line], facts({ joined: false })), ['change name language membership'])
    assert.deepEqual(fates([line], facts({ active: false })), ['deactivated'])
    assert.deepEqual(fates([line], facts({ staff_role: 'staff' })), ['staff_of_client'])
    assert.deepEqual(fates([line], facts({ sub_account: true })), ['sub_account'])
    assert.deepEqual(fates([['', 'a@example.org', 'twice']], facts({})), ['organisation_ambiguous'])
    assert.deepEqual(fates([['', 'a@example.org', '', 'staff']], facts({})), ['other_role'])
    assert.deepEqual(fates([['', 'a@example.org']], facts({ staff_role: 'staff' })), ['same'])
  })

  test('invitations go to whoever is not in and has none that works, and only on wish', () => {
    const line = [['Anna Lind', 'a@example.org']]
    assert.deepEqual(fates(line, facts({ joined: false }), true), ['change invitation'])
    assert.deepEqual(fates(line, facts({ joined: false })), ['same'])
    assert.deepEqual(fates(line, facts({ joined: false, invited: true }), true), ['same'])
    assert.deepEqual(fates(line, facts({}), true), ['same'])
    assert.equal(planImport(read(line), facts({ joined: false }), plain).sums.invitable, 1)
  })

  test('somebody whom the importer may not know of is answered like somebody new, and nothing changes', () => {
    const lines = read([['Anna', 'a@example.org', 'Bergmann', '', 'en']])
    const [hidden, fresh] = [facts({ known: false }), { ...facts({}), people: new Map() }].map((given) =>
      planImport(lines, given, { ...plain, invite: true })
    )
    assert.deepEqual(hidden?.lines, fresh?.lines)
    assert.deepEqual(hidden?.sums, fresh?.sums)
    assert.deepEqual(
      [hidden?.people, hidden?.memberships, hidden?.changes, hidden?.invitations],
      [[], [], [], []]
    )
  })

  test('a guarded cell is what it was before it was exported', () => {
    const cells = csvLine(['=Anna', 'a@example.org'], ';').trim().split(';')
    assert.equal(readLine(2, cells, FIELDS).name, '=Anna')
  })
})

/** What an import leaves behind, in memory: what the database would say of it. */
function after(facts_before: ImportFacts, lines: (ImportWish | Unreadable)[], invite: boolean): ImportFacts {
  const plan = planImport(lines, facts_before, { ...plain, invite })
  const [people, organisations] = [new Map(facts_before.people), new Map(facts_before.organisations)]
  for (const { key } of plan.organisations) organisations.set(key, [key])
  for (const { email_key, name, staff_role, locale } of plan.people)
    people.set(email_key, known({ id: email_key, name, staff_role, locale, joined: false }))
  const change = (key: string, more: (one: Known) => Partial<Known>) => {
    const one = people.get(key)
    assert.ok(one)
    people.set(key, { ...one, ...more(one) })
  }
  for (const { email_key, organisation_key } of plan.memberships)
    change(email_key, (one) => ({
      organisation_ids: [...one.organisation_ids, organisations.get(organisation_key)?.[0] ?? '']
    }))
  for (const [key, one] of people) {
    const changed = plan.changes.find(({ id }) => id === one.id)
    if (changed) change(key, () => ({ name: changed.name, locale: changed.locale }))
  }
  for (const { email_key } of plan.invitations) change(email_key, () => ({ invited: true }))
  return { people, organisations }
}

test('whatever a table says, the second run of it changes nothing', () => {
  const cell = (...words: string[]) => fc.constantFrom(...words)
  const line = fc.tuple(
    cell('', 'Anna', 'anna', 'Bo'),
    cell('', 'a@example.org', 'A@example.org', 'b@example.org', 'no'),
    cell('', 'Berg', 'BERG', 'Nord', 'twice'),
    cell('', '', 'client', 'staff', 'auditor', 'Chef'),
    cell('', '', 'de', 'en', 'xx')
  )
  const person = fc.record({
    staff_role: fc.constantFrom(null, 'staff' as const),
    joined: fc.boolean(),
    active: fc.boolean(),
    invited: fc.boolean(),
    sub_account: fc.boolean()
  })
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.option(person),
      fc.boolean(),
      (cells, existing, invite) => {
        const lines = read(cells)
        const before = existing ? facts(existing) : { ...facts({}), people: new Map<string, Known>() }
        const again = planImport(lines, after(before, lines, invite), { ...plain, invite })
        assert.deepEqual(
          [again.people, again.organisations, again.memberships, again.changes, again.invitations],
          [[], [], [], [], []]
        )
        assert.equal(again.lines.filter((one) => one.fate === 'make' || one.fate === 'change').length, 0)
      }
    ),
    { numRuns: 500 }
  )
})

test('an address and a name of a client have one key each, however they are written', () => {
  assert.equal(emailKey('MÜLLER@example.org'), emailKey('mu\u0308ller@example.org'))
  assert.equal(organisationKey(' Müller  GmbH'), organisationKey('MU\u0308LLER GmbH'))
})

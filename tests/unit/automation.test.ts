import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Conditions } from '../../functions/_shared/contract/automation.ts'
import {
  type DocumentFacts,
  fitsPattern,
  isMeant,
  nameAfter,
  newName,
  tagsWith
} from '../../functions/_shared/rules/automation.ts'

const facts = (some: Partial<DocumentFacts> = {}): DocumentFacts => ({
  name: 'Rechnung 12.pdf',
  detected_type: 'application/pdf',
  size: 1_000,
  from: 'client',
  sender: 'Petra Lind',
  received_on: '2026-11-28',
  project: 'Case',
  tags: ['Steuer'],
  has_text: null,
  ...some
})

test('a pattern means the whole name, whatever its case; all but * and ? stands for itself', () => {
  for (const [name, pattern, fits] of [
    ['Rechnung 12.pdf', 'rechnung*', true],
    ['Rechnung 12.pdf', 'rechnung', false],
    ['Rechnung 12.pdf', '*.PDF', true],
    ['a.b', 'a?b', true],
    ['axb', 'a.b', false],
    ['a(1)+[2].txt', 'A(1)+[2].txt', true],
    ['Übersicht', 'U\u0308ber*', true],
    ['a\nb', 'a*b', true],
    ['', '*', true],
    ['💼.pdf', '?.pdf', true]
  ] as const)
    assert.equal(fitsPattern(name, pattern), fits, `${name} and ${pattern}`)
})

test('a pattern of a thousand stars is answered at once', () => {
  const started = performance.now()
  fitsPattern('a'.repeat(255), `${'*a'.repeat(50)}b`.slice(0, 200))
  assert.ok(performance.now() - started < 1_000)
})

test('a name always fits itself where it has no stars', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      fc.pre(!/[*?]/.test(name))
      assert.ok(fitsPattern(name, name))
    })
  )
})

test('all conditions must hold; without any every document is meant', () => {
  const meant = (wish: Record<string, unknown>, some: Partial<DocumentFacts> = {}) =>
    isMeant(Conditions.parse(wish), facts(some))
  assert.ok(meant({}))
  assert.ok(meant({ kinds: ['image', 'pdf'], from: 'client', at_least: 1_000, at_most: 1_000 }))
  assert.ok(!meant({ kinds: ['image'] }))
  assert.ok(meant({ kinds: ['other'] }, { detected_type: 'application/x-what' }))
  assert.ok(!meant({ kinds: ['other'] }))
  assert.ok(!meant({ kinds: ['pdf'] }, { detected_type: null }), 'not checked yet')
  assert.ok(!meant({ from: 'machine' }))
  assert.ok(!meant({ at_least: 1_001 }))
  assert.ok(!meant({ at_most: 999 }))
  assert.ok(!meant({ text: 'x' }))
  assert.ok(!meant({ text: 'x' }, { has_text: false }))
  assert.ok(meant({ text: 'x' }, { has_text: true }))
})

test('a new name keeps its ending, and what a name brings along is not filled in again', () => {
  assert.equal(newName('{date} {sender} {name}', facts()), '2026-11-28 Petra Lind Rechnung 12.pdf')
  assert.equal(newName('{name}.pdf', facts()), 'Rechnung 12.pdf')
  assert.equal(newName('{project}: {name}', facts()), 'Case_ Rechnung 12.pdf')
  assert.equal(newName('{name}', facts({ name: '{sender}.pdf' })), '{sender}.pdf')
  assert.equal(newName('{sender}', facts({ sender: null, name: 'a.pdf' })), '.pdf')
  assert.equal(newName('../{name}', facts({ name: 'plain' })), '.._plain')
})

test('a name is what all renaming together makes of it', () => {
  const twice = [
    { do: 'rename', to: 'a {name}' },
    { do: 'rename', to: 'b {name}' }
  ] as const
  assert.equal(nameAfter([...twice], facts({ name: 'x.txt' })), 'b a x.txt')
  assert.equal(nameAfter([], facts()), null)
})

test('tags are added once, whatever their case', () => {
  assert.deepEqual(tagsWith(facts(), ['steuer', 'Neu']), ['Steuer', 'Neu'])
  assert.equal(tagsWith(facts(), ['STEUER']), null)
})

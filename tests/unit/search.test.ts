import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { cleanWords } from '../../functions/_shared/pipeline/index-text.ts'
import { fold, readQuery, snippetOf } from '../../functions/_shared/rules/search.ts'

suite('what was typed', () => {
  test('is read as units; only the last word may go on', () => {
    assert.deepEqual(readQuery('Müller  "ganzer Satz" verm'), [
      { text: 'Müller', exact: false, prefix: false },
      { text: 'ganzer Satz', exact: true, prefix: false },
      { text: 'verm', exact: false, prefix: true }
    ])
    assert.equal(readQuery('fertig ')[0]?.prefix, false)
    assert.deepEqual(
      readQuery('„deutsch“ «schwedisch» ”auch”').map((unit) => unit.exact),
      [true, true, true]
    )
  })

  test('may be nothing but signs, and then means nothing', () => {
    for (const typed of ['', '   ', '&|!:*()', '""', '„“', '\0\0', '— …'])
      assert.deepEqual(readQuery(typed), [])
  })

  test('never throws and never carries what Postgres does not take', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        for (const unit of readQuery(typed)) assert.ok(unit.text.isWellFormed() && !unit.text.includes('\0'))
      })
    )
  })
})

suite('a snippet', () => {
  const page = `${'davor '.repeat(50)}die Kündigung der Wohnung ${'danach '.repeat(50)}`.trim()
  const marked = (words: string, marks: string[]) =>
    snippetOf(words, marks)
      .map((part) => (part.hit ? `[${part.text}]` : part.text))
      .join('')

  test('shows the words around the first hit and says that there is more', () => {
    const shown = marked(page, ['kundigung', '~kundig'])
    assert.match(shown, /^… .*die \[Kündigung\] der Wohnung .* …$/)
    assert.ok(shown.length < 250)
  })

  test('shows the place where most of what was looked for stands together', () => {
    const words = `one of many ${'word '.repeat(40)}the sieve of Eratosthenes`
    assert.match(marked(words, ['sieve', 'of', 'eratosthenes']), /\[sieve\] \[of\] \[Eratosthenes\]$/)
  })

  test('of what a longer word begins with marks that word, of a short one only itself', () => {
    assert.equal(marked('alle A 1312 Akten', ['a', '1312']), 'alle [A] [1312] Akten')
    assert.equal(marked('Vermögen und Vermerk', ['verm*']), '[Vermögen] und [Vermerk]')
    assert.equal(marked('Frau Müller', ['mueller*']), 'Frau [Müller]')
  })

  test('is the page’s beginning where no word shows why it was found', () => {
    assert.equal(marked('eins zwei', ['drei']), 'eins zwei')
  })

  test('stays short whatever stands on the page', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.array(fc.string()), (words, marks) => {
        const length = snippetOf(cleanWords(words), marks).reduce((sum, part) => sum + part.text.length, 0)
        assert.ok(length < 30 * 125)
      })
    )
  })
})

test('folding takes accents, ligatures and signs away and sets letters and digits apart', () => {
  assert.equal(fold('Müller & Söhne: A-1312/B'), 'muller sohne a 1312 b')
  assert.equal(fold('Straße Ærø Łódź Åberg2024'), 'strasse aero lodz aberg 2024')
})

test('words for the database hold nothing that it does not take, and have an end', () => {
  const clean = cleanWords(`a\0b \ud800 ${'x'.repeat(100_000)}`)
  assert.ok(clean.isWellFormed() && !clean.includes('\0') && clean.length <= 60_000)
})

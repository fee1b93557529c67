import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { MAX_NAME_BYTES, cleanName, cleanPath, numberedName } from '../../functions/_shared/rules/name.ts'

const bytes = (text: string) => Buffer.byteLength(text)

suite('a name', () => {
  test('that is fine stays as it is', () => {
    for (const name of [
      'Übersicht 2025.pdf',
      '契約書.docx',
      'a.tar.gz',
      '.env',
      'Åsa & Co (2).txt',
      '👩‍👩‍👧.png'
    ])
      assert.equal(cleanName(name), name)
  })

  test('keeps no character that means something in a path, and nothing that hides', () => {
    assert.equal(cleanName('../../x'), '.._.._x')
    assert.equal(cleanName('a\\b:c*d?e"f<g>h|i'), 'a_b_c_d_e_f_g_h_i')
    assert.equal(cleanName('a\u0000b\u001fc\u007fd\u0085e'), 'abcde')
    assert.equal(cleanName('\u202Efdp.exe\u202C'), 'fdp.exe')
    assert.equal(cleanName('a\u200Bb\uFEFFc\u2066d\u2069'), 'abcd')
    assert.equal(cleanName('line\nbreak\r\n.txt'), 'linebreak.txt')
  })

  test('is the same name however its accents were written', () => {
    assert.equal(cleanName('Mu\u0308ller.pdf'), 'M\u00fcller.pdf')
  })

  test('of which nothing is left is none', () => {
    for (const name of ['', ' ', '.', '..', '...', '/', '//', '\u202E', '\u0000', ' . ', '\\', '*?'])
      assert.equal(cleanName(name), null, JSON.stringify(name))
  })

  test('is cut between graphemes and before its ending', () => {
    const family = '👨‍👩‍👧‍👦' // 25 bytes, one grapheme
    const cut = cleanName(`${family.repeat(255)}.pdf`) ?? ''
    assert.equal(cut, `${family.repeat(10)}.pdf`)
    assert.equal(bytes(cleanName('a'.repeat(500)) ?? ''), MAX_NAME_BYTES)
    assert.ok(cleanName(`x.${'y'.repeat(400)}`)?.startsWith('x.y'))
  })

  test('cleaned is a name that cleaning leaves alone, and never too long', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 300 })
    const evil = fc
      .array(fc.constantFrom('.', '/', ' ', '\u202e', '\u0000', 'ä', '😀', 'x', '\ud800'), { maxLength: 300 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(nasty, evil), (raw) => {
        const name = cleanName(raw)
        if (name === null) return
        assert.ok(bytes(name) <= MAX_NAME_BYTES && name.length > 0)
        assert.ok(!/[/\\\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/.test(name))
        assert.ok(!/^\.+$/.test(name))
        assert.equal(cleanName(name), name)
      }),
      { numRuns: 2_000 }
    )
  })
})

suite('a path', () => {
  test('leads nowhere but down', () => {
    assert.deepEqual(cleanPath('2025/Belege'), ['2025', 'Belege'])
    assert.deepEqual(cleanPath('/../../etc//./x\\y/'), ['etc', 'x', 'y'])
    assert.deepEqual(cleanPath(''), [])
  })

  test('is not endless', () => {
    assert.equal(cleanPath('a/'.repeat(33)), null)
    assert.equal(cleanPath('a/'.repeat(32))?.length, 32)
  })
})

suite('a number for a name that is taken', () => {
  test('stands before the ending', () => {
    assert.equal(numberedName('a.pdf', 1), 'a.pdf')
    assert.equal(numberedName('a.pdf', 2), 'a (2).pdf')
    assert.equal(numberedName('.env', 3), '.env (3)')
    assert.equal(numberedName('no ending', 2), 'no ending (2)')
  })

  test('fits even into the longest name', () => {
    const longest = cleanName(`${'ä'.repeat(300)}.pdf`) ?? ''
    const numbered = numberedName(longest, 12)
    assert.ok(bytes(numbered) <= MAX_NAME_BYTES)
    assert.ok(numbered.endsWith(' (12).pdf'))
  })
})

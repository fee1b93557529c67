import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { emailKey } from '../../functions/_shared/auth/email.ts'
import {
  hashPassword,
  passwordMatches,
  requireStrongPassword
} from '../../functions/_shared/auth/password.ts'
import { newTotpSecret, qrPath, totpStep, totpUri } from '../../functions/_shared/auth/totp.ts'
import { addressKey } from '../../functions/_shared/limits.ts'
import { Problem } from '../../functions/_shared/problem.ts'

describe('passwords', () => {
  test('are kept as argon2id with the cost that was decided', async () => {
    const stored = await hashPassword('correct horse')
    assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.notEqual(stored, await hashPassword('correct horse'))
    assert.equal(await passwordMatches(stored, 'correct horse'), true)
    assert.equal(await passwordMatches(stored, 'correct horsf'), false)
  })

  test('nobody has a password that matches', async () => {
    for (const guess of ['', 'nobody', 'nobodyknowsthis'])
      assert.equal(await passwordMatches(null, guess), false)
  })

  test('typed composed or decomposed they are the same', async () =>
    assert.equal(await passwordMatches(await hashPassword('Schlüssel'), 'Schlu\u0308ssel'), true))

  test('common ones and those made of what is known are refused by field', async () => {
    for (const weak of ['password', '12345678', 'qwertzuiop', 'Passwort1', 'lindqvist1', 'ingrid2026'])
      await assert.rejects(
        requireStrongPassword(weak, ['Ingrid Lindqvist', 'ingrid@lindqvist.example', 'Lindqvist & Partner'], {
          second_factor: true
        }),
        (error) => error instanceof Problem && error.errors[0]?.code === 'too_weak',
        weak
      )
    for (const strong of ['ein Pferd frisst Gurkensalat', 'x8!kFq2LmzP4'])
      await requireStrongPassword(strong, ['Ingrid Lindqvist'], { second_factor: true })
  })

  test('eight characters with a second factor, fifteen without, counted as people count', async () => {
    const refused = (code: string) => (error: unknown) =>
      error instanceof Problem && error.errors[0]?.code === code
    const short = 'x8!kFq2L'
    await requireStrongPassword(short, [], { second_factor: true })
    await assert.rejects(requireStrongPassword(short, [], { second_factor: false }), refused('too_short'))
    await requireStrongPassword('x8!kFq2LmzP4-wv', [], { second_factor: false })
    // Seven, of which one is two units of UTF-16.
    await assert.rejects(requireStrongPassword('x8!kF🗝q', [], { second_factor: true }), refused('too_short'))
  })

  test('a password of the list of breaches is refused however its letters are written', async () => {
    for (const known of ['Football1', 'TRUSTNO1', 'iLoVeYoU1'])
      await assert.rejects(requireStrongPassword(known, [], { second_factor: true }), known)
  })
})

describe('codes', () => {
  // RFC 6238 appendix B, SHA-1, the last six of eight digits; the secret is "12345678901234567890".
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  for (const [time, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1234567890, '005924'],
    [20000000000, '353130']
  ] as const)
    test(`of RFC 6238 at ${time}: one step to either side, not two`, async () => {
      const step = Math.floor(time / 30)
      for (const off of [-30, 0, 30]) assert.equal(await totpStep(SECRET, code, time + off), step)
      for (const off of [-60, 60])
        if (time + off > 0) assert.equal(await totpStep(SECRET, code, time + off), null)
    })

  test('secrets have 160 bits, and the app is told whose they are', () => {
    const secret = newTotpSecret()
    assert.match(secret, /^[A-Z2-7]{32}$/)
    const uri = new URL(totpUri(secret, 'Müller & Söhne', 'anna@example.org'))
    assert.equal(uri.searchParams.get('secret'), secret)
    assert.equal(uri.searchParams.get('issuer'), 'Müller & Söhne')
  })

  test('the QR path draws the three finders and leaves the quiet zone white', () => {
    const { size, path } = qrPath('otpauth://totp/x')
    const dark = new Set<string>()
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      for (let i = 0; i < Number(width); i += 1) dark.add(`${Number(x) + i} ${y}`)
    for (const [x, y] of [
      [4, 4],
      [size - 11, 4],
      [4, size - 11]
    ] as const)
      for (let i = 0; i < 7; i += 1) assert.ok(dark.has(`${x + i} ${y}`) && dark.has(`${x} ${y + i}`))
    for (const module of dark)
      for (const at of module.split(' ').map(Number)) assert.ok(at >= 4 && at < size - 4)
  })
})

describe('what is compared', () => {
  test('addresses by NFKC and lower case', () =>
    assert.equal(emailKey(' Ｐetra@BERGMANN.example '), 'petra@bergmann.example'))

  test('IPv6 by its /64, IPv4 by itself, however it is written', () => {
    for (const [address, key] of [
      ['203.0.113.9', '203.0.113.9'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
      ['2001:db8::1', '2001:db8:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['unknown', 'unknown']
    ] as const)
      assert.equal(addressKey(address), key)
  })
})

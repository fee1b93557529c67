import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfLink } from '../../functions/_shared/rules/link.ts'
import { pastedLink, secretIn, withFragment } from '../../web/src/lib/secret-in.ts'
import { makePassword, strengthOf } from '../../web/src/lib/sharing/password.ts'
import { byFolder } from '../../web/src/lib/sharing/tree.ts'
import { daysOn, endOf, latestOf, wallClock } from '../../web/src/lib/sharing/until.ts'
import { exactTime } from '../../web/src/lib/time.ts'

const BERLIN = 'Europe/Berlin'

test('fourteen days on is the same time of day, also over the night in which clocks are set forward', () => {
  const before = Date.parse('2027-03-20T17:00:00Z')
  assert.equal(wallClock(before, BERLIN), '2027-03-20T18:00')
  assert.equal(daysOn(before, 14, BERLIN), '2027-04-03T18:00')
  assert.equal(endOf('2027-04-03T18:00', BERLIN), '2027-04-03T16:00:00.000Z')
})

test('the last minute of the longest time is within it, also over a night of 25 hours', () => {
  const before = Date.parse('2026-10-20T16:00:30Z')
  assert.equal(daysOn(before, 14, BERLIN), '2026-11-03T18:00')
  assert.equal(latestOf(before, 14, BERLIN), '2026-11-03T17:00')
  const end = endOf(latestOf(before, 14, BERLIN), BERLIN)
  assert.equal(endOfLink(end, 14, new Date(before))?.toISOString(), '2026-11-03T16:00:00.000Z')
  assert.equal(endOfLink(endOf(daysOn(before, 14, BERLIN), BERLIN), 14, new Date(before)), null)
})

test('an end in the hour that does not exist, and one on either side of it', () => {
  assert.equal(endOf('2027-03-28T01:59', BERLIN), '2027-03-28T00:59:00.000Z')
  assert.equal(endOf('2027-03-28T02:30', BERLIN), '2027-03-28T01:30:00.000Z')
  assert.equal(endOf('2027-03-28T03:00', BERLIN), '2027-03-28T01:00:00.000Z')
})

test('a visitor in another zone reads the same instant with the name of each zone', () => {
  const end = endOf('2027-03-28T18:00', BERLIN) ?? ''
  assert.equal(end, '2027-03-28T16:00:00.000Z')
  assert.match(exactTime(end, 'de', BERLIN), /18:00 MESZ$/)
  assert.match(exactTime('2027-03-27T17:00:00Z', 'de', BERLIN), /18:00 MEZ$/)
  assert.match(exactTime(end, 'de', 'America/New_York'), /12:00 GMT-4$/)
})

test('the secret of a link is read with the sign that a mail program left behind it, and not when it was cut off', () => {
  const secret = 'Y6q0n38ivgBmT-_AHDNY2jwRFTgx1IUANQY6q0n38iv'
  for (const more of ['', '>', '.', ').', '%20']) assert.equal(secretIn(`#${secret}${more}`), secret, more)
  for (const hash of ['', '#', secret, `#${secret.slice(1)}`, `#${secret}x`, `#>${secret}`])
    assert.equal(secretIn(hash), '', hash)
})

test('a link whose # a mail program wrote as %23 leads where it was meant to, and nowhere else', () => {
  const secret = 'Y6q0n38ivgBmT-_AHDNY2jwRFTgx1IUANQY6q0n38iv'
  const place = '/l/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000'
  for (const sign of ['%23', '%2523', '%252523'])
    for (const more of ['', '%3E', '.', '%20']) {
      assert.equal(withFragment(`${place}${sign}${secret}${more}`), `${place}#${secret}`, sign + more)
    }
  for (const path of [
    place,
    `${place}%23`,
    `${place}%23${secret.slice(1)}`,
    `${place}%23${secret}x`,
    `${place}/${secret}`,
    `//evil.example${place}%23${secret}`,
    `/l/x%23${secret}`
  ])
    assert.equal(withFragment(path), null, path)
})

test('a pasted link is found in a whole message, and only one of this portal is followed', () => {
  const secret = 'Y6q0n38ivgBmT-_AHDNY2jwRFTgx1IUANQY6q0n38iv'
  const path = '/l/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000'
  const here = 'https://portal.example'
  for (const text of [
    `${here}${path}#${secret}`,
    `Guten Tag,\n<${here}${path}#${secret}>\nGruß`,
    ` ${here}${path}%23${secret}. `
  ])
    assert.equal(pastedLink(text, here), `${path}#${secret}`, text)
  for (const text of [
    '',
    `${here}${path}`,
    `https://evil.example${path}#${secret}`,
    `${here}/account#${secret}`
  ])
    assert.equal(pastedLink(text, here), null, text)
})

test('made passwords are never the same, hold no signs that look alike, and are strong', () => {
  const many = new Set(Array.from({ length: 500 }, makePassword))
  assert.equal(many.size, 500)
  for (const one of many) {
    assert.match(one, /^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/)
    assert.equal(strengthOf(one), 'good')
  }
  assert.deepEqual(
    [strengthOf('kurz'), strengthOf('elf Zeichen'), strengthOf('aaaaaaaaaaaaaaaa')],
    ['short', 'fair', 'fair']
  )
})

test('shared documents stand under their folders, what is shared by itself before them', () => {
  const facts = {
    level: 'view',
    size: 1,
    page_count: 1,
    pages_ready: 1,
    version: 1,
    preview_result: 'complete'
  } as const
  const one = (name: string, path: string[]) => ({ id: name, name, path, ...facts })
  const folders = byFolder([
    one('a', ['Bank', '10']),
    one('b', []),
    one('c', ['Bank', '9']),
    one('d', ['Bank'])
  ])
  assert.deepEqual(
    folders.map((folder) => folder.name),
    ['', 'Bank', 'Bank / 9', 'Bank / 10']
  )
})

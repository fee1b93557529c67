import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playedAs } from '../../functions/_shared/contract/media.ts'
import { detectType } from '../../functions/_shared/detect-type.ts'
import { nameMatchesType, officeEnding, wayOf } from '../../functions/_shared/rules/file-type.ts'

test('which kind of text it is, only its name says; no name makes text of what has a signature', async () => {
  const text = Buffer.from('a;b\n1;2\n')
  assert.equal(await detectType(text, 'a.csv'), 'text/csv')
  assert.equal(await detectType(text, 'a.md'), 'text/markdown')
  assert.equal(await detectType(text, 'a.ts'), 'text/x-source')
  assert.equal(await detectType(text, 'a.pdf'), 'text/plain')
  assert.equal(await detectType(Buffer.from('%PDF-1.7'), 'a.csv'), 'application/pdf')
  assert.equal(await detectType(Buffer.from('<?xml version="1.0"?><svg>'), 'a.xml'), 'image/svg+xml')
})

test('an office file is one by its bytes, a bare container by its name', () => {
  assert.equal(wayOf('application/msword', 'a.txt'), 'office')
  assert.equal(officeEnding('application/msword', 'a.txt'), 'doc')
  assert.equal(wayOf('application/zip', 'a.docx'), 'office')
  assert.equal(officeEnding('application/zip', 'a.docx'), 'docx')
  assert.equal(wayOf('application/zip', 'a.zip'), null)
  assert.equal(wayOf('application/x-cfb', 'a.msg'), null)
})

test('a name that says something else than the bytes is told apart', () => {
  assert.equal(nameMatchesType('a.docx', 'text/plain'), false)
  assert.equal(nameMatchesType('a.svg', 'image/svg+xml'), true)
  assert.equal(nameMatchesType('a.eml', 'text/plain'), true)
  assert.equal(nameMatchesType('a.heic', 'image/jpeg'), false)
  assert.equal(nameMatchesType('a.csv', null), null)
})

test('a player gets a type of our own list, whatever the parameters say', () => {
  assert.deepEqual(playedAs('audio/ogg; codecs=opus'), { type: 'audio/ogg', player: 'audio' })
  assert.deepEqual(playedAs('video/quicktime'), { type: 'video/mp4', player: 'video' })
  assert.equal(playedAs('text/html'), null)
  assert.equal(playedAs('image/svg+xml'), null)
  assert.equal(playedAs(null), null)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NewApiKey, type Scope } from '../../functions/_shared/contract/api-key.ts'
import { keyAllows } from '../../functions/_shared/rules/api-key.ts'

const key = (scopes: Scope[], project_id: string | null = null) => ({ scopes, project_id })
const PROJECT = '00000000-0000-7000-8000-000000000001'

test('a scope opens its own ways and no other', () => {
  const ways = [
    ['read', 'GET', '/projects'],
    ['read', 'HEAD', `/documents/${PROJECT}/content`],
    ['read', 'GET', `/documents/${PROJECT}/pages/1/image`],
    ['upload', 'POST', '/uploads'],
    ['upload', 'POST', '/uploads/complete'],
    ['upload', 'POST', `/uploads/${PROJECT}/parts`],
    ['upload', 'DELETE', `/uploads/${PROJECT}`],
    ['upload', 'POST', `/projects/${PROJECT}/s3-credentials`],
    ['write', 'POST', '/folders'],
    ['write', 'POST', '/projects']
  ] as const
  for (const [needed, method, path] of ways)
    for (const scope of ['read', 'upload', 'write', 'share'] as const)
      assert.deepEqual(
        keyAllows(key([scope]), 'documents', method, path),
        scope === needed ? { allowed: true } : { allowed: false, missing: needed },
        `${scope} ${method} ${path}`
      )
})

test('what is not listed is shut, whatever the scopes', () => {
  const all = key(['read', 'upload', 'write', 'share'])
  for (const [method, path] of [
    ['POST', `/documents/${PROJECT}/release`],
    ['GET', `/things/${PROJECT}/people`],
    ['PUT', '/projects'],
    ['GET', '/projects/'],
    ['GET', `/documents/${PROJECT}/content/more`]
  ] as const)
    assert.deepEqual(keyAllows(all, 'documents', method, path), { allowed: false, missing: null }, path)
  assert.deepEqual(keyAllows(all, 'audit', 'GET', '/export'), { allowed: false, missing: null })
  for (const [method, path] of [
    ['GET', '/links'],
    ['POST', `/links/${PROJECT}/revoke`],
    ['POST', `/links/${PROJECT}/mail`]
  ] as const)
    assert.deepEqual(keyAllows(all, 'sharing', method, path), { allowed: false, missing: null }, path)
})

test('only a key that may share makes links', () => {
  assert.deepEqual(keyAllows(key(['share']), 'sharing', 'POST', '/links'), { allowed: true })
  const others = keyAllows(key(['read', 'upload', 'write']), 'sharing', 'POST', '/links')
  assert.deepEqual(others, { allowed: false, missing: 'share' })
})

test('a key that is limited to a project makes no other', () => {
  const limited = key(['write'], PROJECT)
  assert.deepEqual(keyAllows(limited, 'documents', 'POST', '/projects'), { allowed: false, missing: null })
  assert.deepEqual(keyAllows(limited, 'documents', 'POST', '/folders'), { allowed: true })
})

test('scopes are kept once and in one order; none at all is no key', () => {
  const wish = { name: 'Scanner', days: 30 }
  assert.deepEqual(NewApiKey.parse({ ...wish, scopes: ['write', 'read', 'write'] }).scopes, ['read', 'write'])
  assert.equal(NewApiKey.safeParse({ ...wish, scopes: [] }).success, false)
  assert.equal(NewApiKey.safeParse({ ...wish, scopes: ['admin'] }).success, false)
  assert.equal(NewApiKey.safeParse({ ...wish, scopes: ['read'], days: 367 }).success, false)
})

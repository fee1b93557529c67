/** Files' own ways: what is fetched, packed and sent through the edge's path to the store, by everybody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DERIVED, DOCUMENTS } from '../../../functions/_shared/storage/buckets.ts'
import { DOWNLOAD } from '../../support/matrix/asks.ts'
import { isIn } from '../../support/matrix/expect.ts'
import { MARK, PLACES, type Place, levelOf } from '../../support/matrix/world.ts'
import type { Answer, Ground } from './ground.ts'

const contentOf = (place: Place) => `the words of ${place}`

export async function fileTests({ ground, inside, world, ask, stack }: Ground): Promise<void> {
  const keys = {} as Record<Place, string>
  for (const place of PLACES) keys[place] = await putBytes(place)
  const cookieOf = (name: string) => world.roles.find((one) => one.name === name)?.cookie ?? ''
  const api = (path: string, cookie: string) => ask('GET', `/api/v1/documents${path}`, { cookie })
  const all = PLACES.map(contentOf)

  test('an original reaches whoever may download it, to the byte, and nobody else', async () => {
    const wrong: string[] = []
    for (const role of world.roles.filter((one) => one.person_id !== null))
      for (const place of PLACES) {
        const id = world.read[place]
        const answer = await api(`/documents/${id}/content`, role.cookie)
        const got = answer.status === 302 ? (await follow(answer)).text : ''
        const may = isIn(role) && (await levelOf(ground, role, id)) >= DOWNLOAD
        if (got !== (may ? contentOf(place) : ''))
          wrong.push(`${role.name}, ${place}: ${answer.status} ${got}`)
      }
    assert.deepEqual(wrong, [])
  })

  test('a ZIP of a whole project holds what may be downloaded, and no other name', async () => {
    const wrong: string[] = []
    for (const role of world.roles)
      for (const place of ['own', 'foreign'] as const) {
        const answer = await api(`/archives?folder=${world.places[place].project}`, role.cookie)
        const named = new Set([...answer.text.matchAll(MARK)].map(([, id]) => id ?? ''))
        for (const other of PLACES) {
          const id = world.read[other]
          const inIt = other === place || (other === 'closed' && place === 'own')
          const may = inIt && isIn(role) && (await levelOf(ground, role, id)) >= DOWNLOAD
          if (named.has(id) !== may)
            wrong.push(`${role.name}, ${place}: ${other} ${may ? 'is missing' : 'is in it'}`)
        }
      }
    assert.deepEqual(wrong, [])
  })

  test('a presigned address opens what it was signed for and nothing beside it', async () => {
    const signed = await api(`/documents/${world.read.own}/content`, cookieOf('client'))
    assert.equal(signed.status, 302)
    const url = new URL(signed.headers.location ?? '')
    assert.equal(
      (await ask('GET', url.pathname + url.search)).text,
      contentOf('own'),
      'as it stands it works'
    )
    const to = (path: string, change: (query: URLSearchParams) => void = () => {}) => {
      const query = new URLSearchParams(url.search)
      change(query)
      return `${path}?${query}`
    }
    const here = url.pathname
    const foreign = `/${keys.foreign}`
    const version = await versionOf('foreign')
    const tries: [string, string][] = [
      ['GET', to(foreign)],
      ['GET', to(foreign, (query) => query.set('versionId', version))],
      ['GET', to(here, (query) => query.set('versionId', version))],
      ['GET', to(here, (query) => query.delete('versionId'))],
      ['GET', to(here, (query) => query.delete('X-Amz-Signature'))],
      ['GET', to(here, (query) => query.set('X-Amz-Signature', '0'.repeat(64)))],
      ['GET', to(here, (query) => query.set('X-Amz-Expires', '604800'))],
      ['GET', to(here, (query) => query.set('response-content-disposition', 'inline'))],
      ['GET', to(here, (query) => query.append('versionId', version))],
      ['GET', to(here, (query) => query.set('uploads', ''))],
      ['GET', here],
      ['GET', foreign],
      ['GET', `/${DOCUMENTS}`],
      ['GET', `/${DOCUMENTS}/`],
      ['GET', to(`/${DOCUMENTS}/`, (query) => query.set('list-type', '2'))],
      ['GET', to(`/${DOCUMENTS}`, (query) => query.set('versions', ''))],
      ['GET', to(`${here}/..${foreign.slice(DOCUMENTS.length + 1)}`)],
      ['GET', to(`/${DOCUMENTS}/%2e%2e${foreign}`)],
      ['GET', to(`/${DERIVED}/${world.read.foreign}/test/1.jpg`)],
      ['GET', `/${DERIVED}/${world.read.foreign}/test/1.jpg`],
      ['GET', to('/portico-drops/a')],
      ['GET', to('/minio/health/live')],
      ...['HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'].flatMap((method): [string, string][] => [
        [method, to(here)],
        [method, to(foreign)]
      ])
    ]
    await refuseAll(tries)
  })

  test('an address to send a file to takes that file and opens nothing', async () => {
    const body = JSON.stringify({ folder_id: world.places.own.project, files: [{ name: 'a.txt', size: 4 }] })
    const announced = await ask('POST', '/api/v1/documents/uploads', {
      cookie: cookieOf('client'),
      headers: { 'content-type': 'application/json' },
      body
    })
    assert.equal(announced.status, 201, announced.text)
    const url = new URL(JSON.parse(announced.text).uploads[0].url)
    await refuseAll([
      ['GET', url.pathname + url.search],
      ['GET', `/${keys.own}${url.search}`],
      ['DELETE', url.pathname + url.search],
      ['PUT', `/${keys.foreign}${url.search}`],
      ['PUT', `/${keys.own}${url.search}`],
      ['PUT', url.pathname]
    ])
    for (const place of PLACES) assert.equal(await stored(place), contentOf(place), `${place} is as it was`)
  })

  /** None may succeed, and none may show a word of any file or key. */
  async function refuseAll(tries: [method: string, path: string][]): Promise<void> {
    const wrong: string[] = []
    for (const [method, path] of tries) {
      const wish = method === 'PUT' ? { headers: { 'if-none-match': '*' }, body: 'evil' } : {}
      const answer = await ask(method, path, wish)
      if (answer.status < 400) wrong.push(`${method} ${path}: ${answer.status}`)
      if (all.some((words) => answer.text.includes(words))) wrong.push(`${method} ${path}: shows a file`)
    }
    assert.deepEqual(wrong, [])
  }

  function follow(answer: Answer): Promise<Answer> {
    const url = new URL(answer.headers.location ?? '', stack.origin)
    return ask('GET', url.pathname + url.search)
  }

  /** Bytes for the document of a place, pinned as an upload would leave them; its key with the bucket. */
  async function putBytes(place: Place): Promise<string> {
    const { rows } = await ground.owner.query<{ id: string; object_key: string }>(
      'select id, object_key from version where document_id = $1',
      [world.read[place]]
    )
    const Body = Buffer.from(contentOf(place))
    const Key = rows[0]?.object_key ?? ''
    const made = await inside.root.send(new PutObjectCommand({ Bucket: DOCUMENTS, Key, Body }))
    await ground.owner.query(
      'update version set object_version_id = $2, size = $3, sha256 = sha256($4) where id = $1',
      [rows[0]?.id, made.VersionId, Body.length, Body]
    )
    return `${DOCUMENTS}/${Key}`
  }

  async function versionOf(place: Place): Promise<string> {
    const { rows } = await ground.owner.query<{ v: string }>(
      'select object_version_id as v from version where document_id = $1',
      [world.read[place]]
    )
    return rows[0]?.v ?? ''
  }

  async function stored(place: Place): Promise<string> {
    const staff = place === 'foreign' ? cookieOf('other client') : cookieOf('staff')
    return (await follow(await api(`/documents/${world.read[place]}/content`, staff))).text
  }
}

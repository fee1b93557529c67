/** S3 tools: real rclone and AWS CLI, the machines' door, a real store with its policies, adoption by the real connector. */
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { MadeApiKey, NewApiKey } from '../../functions/_shared/contract/api-key.ts'
import type { S3Credentials } from '../../functions/_shared/contract/s3.ts'
import { createMachineDoor } from '../../infra/edge/machines.ts'
import { close, listen } from '../../infra/runner/listen.ts'
import { freePort } from '../../infra/runner/ports.ts'
import { ORIGIN, call, problemCode, setStage } from '../support/functions.ts'
import { type Connector, type Gateway, startConnector, startGateway, until } from '../support/pipeline.ts'
import { noStore, realStore } from '../support/real-store.ts'
import { emptyHome, noS3Tools, toolsWith } from '../support/s3-tools.ts'
import { clientOf } from '../support/store.ts'

const DROPS = 'portico-drops'

if (noStore) test('S3 tools', { skip: noStore }, () => undefined)
else {
  const store = await realStore(ORIGIN)
  const port = await freePort()
  const door_at = `http://127.0.0.1:${port}`
  const keys = ['store-app', 'store-download', 'store-pipeline', 'store-clock', 'store-drops'] as const
  const stage = await setStage({
    secrets: Object.fromEntries(keys.map((name) => [name, JSON.stringify(store.secret(name))])),
    env: { S3_TOOLS_ORIGIN: door_at }
  })
  const [documents, admin] = [await stage.handler('documents'), await stage.handler('admin')]
  const door = createMachineDoor({ store: store.endpoint })
  await listen(door, port, '127.0.0.1')
  const gateway: Gateway = await startGateway(stage.secrets)
  let connector: Connector
  after(async () => {
    await connector.stop('SIGKILL')
    await gateway.stop()
    await close(door, 100)
  })

  const query = async (text: string, values: unknown[] = []) => (await stage.owner.query(text, values)).rows
  const jonas = await stage.seedPerson({ name: 'Jonas Weber', staff_role: 'staff' })
  const petra = await stage.seedPerson({ name: 'Petra Lind' })
  const [here, there] = [
    await stage.seedProject({ name: 'Here' }),
    await stage.seedProject({ name: 'There' })
  ]
  await stage.seedGrant({ person_id: jonas.id, node_id: here, level: 4 })
  await stage.seedGrant({ person_id: jonas.id, node_id: there, level: 4 })
  await stage.seedGrant({ person_id: petra.id, node_id: here, level: 3 })
  const cookies = new Map([
    [jonas.id, await stage.signIn(jonas)],
    [petra.id, await stage.signIn(petra)]
  ])

  async function newKey(person = petra, wish: Partial<NewApiKey> = {}): Promise<MadeApiKey> {
    const body = { name: 'Scanner', scopes: ['upload'], project_id: null, days: 30, ...wish }
    const answer = await call(admin, 'POST', '/keys', { cookie: cookies.get(person.id) ?? '', body })
    assert.equal(answer.status, 201, await answer.clone().text())
    return answer.json()
  }
  const ask = (token: string, project_id: string, body: unknown = {}) =>
    call(documents, 'POST', `/projects/${project_id}/s3-credentials`, {
      origin: null,
      body,
      headers: { authorization: `Bearer ${token}` }
    })
  async function lend(token: string, project_id = here): Promise<S3Credentials> {
    const answer = await ask(token, project_id)
    assert.equal(answer.status, 201, await answer.clone().text())
    return answer.json()
  }
  const clientWith = (key: S3Credentials, endpoint = key.endpoint): S3Client => {
    const client = new S3Client({
      endpoint,
      region: key.region,
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      credentials: {
        accessKeyId: key.access_key_id,
        secretAccessKey: key.secret_access_key,
        sessionToken: key.session_token
      }
    })
    after(() => client.destroy())
    return client
  }
  const inside = clientOf(store.secret('store-pipeline'))
  after(() => inside.destroy())
  const put = async (key: S3Credentials, path: string, text = 'scanned') =>
    (
      await clientWith(key).send(
        new PutObjectCommand({ Bucket: DROPS, Key: `${key.prefix}${path}`, Body: Buffer.from(text) })
      )
    ).VersionId ?? ''
  /** As the store's event does. */
  const tell = (key: string, version: string) =>
    query(`select inbox_record('portico-drops', $1, $2, 'created', 'event', 7)`, [key, version])
  const versionsBelow = async (prefix: string) =>
    (await inside.send(new ListObjectVersionsCommand({ Bucket: DROPS, Prefix: prefix }))).Versions ?? []
  const documentOf = (drop_key: string) =>
    query(
      `select d.id, d.name, d.created_by, v.created_by as sent_by, n.name as folder
         from version v join document d on d.id = v.document_id join node n on n.id = d.folder_id where v.drop_key = $1`,
      [drop_key]
    )
  const deadOf = (drop_key: string) =>
    query(`select error from job where kind = 'adopt' and state = 'dead' and data->>'key' = $1`, [drop_key])

  let key: MadeApiKey
  let lent: S3Credentials
  before(async () => {
    await query(`update session set proved_at = now()`)
    await query(`update firm set deliver_unscanned = true`)
    connector = startConnector(stage.secrets, gateway.url)
    key = await newKey()
    lent = await lend(key.token)
  })

  suite('credentials', () => {
    test('are given for an hour at most, for one place of one project, and the log says so', async () => {
      assert.equal(lent.prefix, `${here}/key-${key.key.id}/`)
      assert.deepEqual([lent.endpoint, lent.bucket], [door_at, DROPS])
      const minutes = (Date.parse(lent.expires_at) - Date.now()) / 60_000
      assert.ok(minutes > 58 && minutes < 61, `${minutes} minutes`)
      const short: S3Credentials = await (await ask(key.token, here, { seconds: 900 })).json()
      assert.ok(Date.parse(short.expires_at) < Date.now() + 16 * 60_000)
      for (const seconds of [899, 3_601])
        assert.equal(await problemCode(await ask(key.token, here, { seconds })), 'invalid_request')
      const [act] = await query(
        `select actor_id, project_id, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
          where action = 'key.opened_s3' order by seq limit 1`
      )
      assert.deepEqual([act.actor_id, act.project_id], [petra.id, here])
      assert.deepEqual(act.facts, { seconds: 3600, key_id: key.key.id })
    })

    test('want a key with the scope, of a person who may add files there', async () => {
      const reader = await newKey(petra, { scopes: ['read', 'write', 'share'] })
      assert.equal(await problemCode(await ask(reader.token, here)), 'forbidden')
      assert.equal(await problemCode(await ask(key.token, there)), 'not_found')
      assert.equal(await problemCode(await ask(key.token, randomUUID())), 'not_found')
      const elsewhere = await newKey(jonas, { project_id: there })
      assert.equal(await problemCode(await ask(elsewhere.token, here)), 'not_found')
      const viewer = await stage.seedPerson({ name: 'Vera Viewer' })
      await stage.seedGrant({ person_id: viewer.id, node_id: here, level: 2 })
      cookies.set(viewer.id, await stage.signIn(viewer))
      await query(`update session set proved_at = now()`)
      assert.equal(await problemCode(await ask((await newKey(viewer)).token, here)), 'forbidden')
      const person = await call(documents, 'POST', `/projects/${here}/s3-credentials`, {
        cookie: cookies.get(petra.id) ?? '',
        body: {}
      })
      assert.equal(await problemCode(person), 'forbidden')
    })

    test('are given sixty times an hour for a key, and no more', async () => {
      const busy = await newKey()
      await lend(busy.token)
      await query(`update rate_limit set points = 60 where key like 's3_session%'`)
      const answer = await ask(busy.token, here)
      await query(`delete from rate_limit where key like 's3_session%'`)
      assert.equal(await problemCode(answer), 'too_many_attempts')
    })
  })

  suite('tools', { skip: noS3Tools }, () => {
    test('rclone copies a folder, finds what is there, and sends nothing twice', async () => {
      const { rclone } = toolsWith(lent)
      const from = emptyHome()
      mkdirSync(join(from, 'Belege'))
      writeFileSync(join(from, 'Brief.txt'), 'a letter')
      writeFileSync(join(from, 'Belege/Grüße & Co.txt'), 'one')
      for (const _ of ['sent', 'found there']) {
        const copied = await rclone('copy', from, 'portico:Scans')
        assert.equal(copied.code, 0, copied.err)
      }
      const stored = await versionsBelow(`${lent.prefix}Scans/`)
      assert.deepEqual(stored.map((one) => one.Key?.slice(lent.prefix.length)).toSorted(), [
        'Scans/Belege/Grüße & Co.txt',
        'Scans/Brief.txt'
      ])
      const listed = await rclone('lsf', '-R', 'portico:Scans')
      assert.deepEqual(listed.out.trim().split('\n').toSorted(), [
        'Belege/',
        'Belege/Grüße & Co.txt',
        'Brief.txt'
      ])
      const checked = await rclone('check', from, 'portico:Scans')
      assert.equal(checked.code, 0, checked.err)
      const one = await rclone('copyto', join(from, 'Brief.txt'), 'portico:einzeln/Brief 2.txt')
      assert.equal(one.code, 0, one.err)
    })

    test('the AWS CLI sends a small file in one and a large one in parts, and nothing twice', async () => {
      const { aws } = toolsWith(lent)
      const from = emptyHome()
      writeFileSync(join(from, 'small.txt'), 'small')
      writeFileSync(join(from, 'large.bin'), Buffer.alloc(20 * 1024 * 1024, 'large'))
      const sent = await aws('s3', 'cp', '--recursive', from, 's3://HERE/aws')
      assert.equal(sent.code, 0, sent.err)
      const synced = await aws('s3', 'sync', from, 's3://HERE/aws')
      assert.deepEqual([synced.code, synced.out], [0, ''], synced.err)
      const stored = await versionsBelow(`${lent.prefix}aws/`)
      assert.deepEqual(
        stored.map((one) => [one.Key?.slice(lent.prefix.length), one.Size]),
        [
          ['aws/large.bin', 20 * 1024 * 1024],
          ['aws/small.txt', 5]
        ]
      )
      assert.match(stored[0]?.ETag ?? '', /-3"$/, 'in three parts')
    })

    test('neither tool reads, deletes or looks elsewhere', async () => {
      const { rclone, aws } = toolsWith(lent)
      const from = emptyHome()
      await put(lent, 'kept.txt')
      for (const said of [
        await aws('s3', 'cp', 's3://HERE/kept.txt', join(from, 'back.txt')),
        await aws('s3', 'rm', 's3://HERE/kept.txt'),
        await rclone('cat', 'portico:kept.txt'),
        await rclone('deletefile', 'portico:kept.txt')
      ]) {
        assert.notEqual(said.code, 0)
        assert.match(said.err, /AccessDenied|Forbidden|NoSuchBucket|403/)
      }
      assert.equal((await versionsBelow(`${lent.prefix}kept.txt`)).length, 1)
    })
  })

  suite('the door', () => {
    test('lets a session do nothing but put and look, and that below its own prefix', async () => {
      await put(lent, 'mine.txt')
      const other = await newKey(jonas)
      const theirs = await lend(other.token)
      const their_key = `${theirs.prefix}secret.txt`
      await put(theirs, 'secret.txt')
      const own = { Bucket: DROPS, Key: `${lent.prefix}mine.txt` }
      const client = clientWith(lent)
      assert.equal((await client.send(new HeadObjectCommand(own))).ContentLength, 7)
      const tries: [string, () => Promise<unknown>][] = [
        ['read of one’s own', () => client.send(new GetObjectCommand(own))],
        ['read of another’s', () => client.send(new GetObjectCommand({ Bucket: DROPS, Key: their_key }))],
        ['look at another’s', () => client.send(new HeadObjectCommand({ Bucket: DROPS, Key: their_key }))],
        [
          'write to another’s',
          () => client.send(new PutObjectCommand({ Bucket: DROPS, Key: their_key, Body: 'x' }))
        ],
        [
          'write to another project',
          () =>
            client.send(
              new PutObjectCommand({ Bucket: DROPS, Key: `${there}/key-${key.key.id}/x.txt`, Body: 'x' })
            )
        ],
        [
          'write as the operator',
          () => client.send(new PutObjectCommand({ Bucket: DROPS, Key: `${here}/x.txt`, Body: 'x' }))
        ],
        [
          'write to another bucket',
          () => client.send(new PutObjectCommand({ Bucket: 'portico-documents', Key: own.Key, Body: 'x' }))
        ],
        ['list of all', () => client.send(new ListObjectsV2Command({ Bucket: DROPS }))],
        [
          'list of the project',
          () => client.send(new ListObjectsV2Command({ Bucket: DROPS, Prefix: `${here}/` }))
        ],
        [
          'list of another’s',
          () => client.send(new ListObjectsV2Command({ Bucket: DROPS, Prefix: theirs.prefix }))
        ],
        [
          'list of versions',
          () => client.send(new ListObjectVersionsCommand({ Bucket: DROPS, Prefix: lent.prefix }))
        ],
        ['delete', () => client.send(new DeleteObjectCommand(own))],
        ['access list', () => client.send(new PutObjectAclCommand({ ...own, ACL: 'public-read' }))],
        [
          'tags',
          () =>
            client.send(
              new PutObjectTaggingCommand({ ...own, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })
            )
        ],
        [
          'copy of another’s into one’s own',
          () => client.send(new CopyObjectCommand({ ...own, CopySource: `${DROPS}/${their_key}` }))
        ],
        [
          'encryption by another key',
          () =>
            client.send(
              new PutObjectCommand({
                ...own,
                Body: 'x',
                SSECustomerAlgorithm: 'AES256',
                SSECustomerKey: Buffer.alloc(32, 1).toString('base64')
              })
            )
        ]
      ]
      for (const [what, attempt] of tries)
        await assert.rejects(
          attempt(),
          (error: { $metadata?: { httpStatusCode?: number } }) =>
            [403, 404].includes(error.$metadata?.httpStatusCode ?? 0),
          what
        )
      // What the door stops the store would stop as well: a session that gets to it past the door.
      const beside = clientWith(lent, store.endpoint)
      for (const [what, attempt] of [
        ['read of another’s', () => beside.send(new GetObjectCommand({ Bucket: DROPS, Key: their_key }))],
        ['list of all', () => beside.send(new ListObjectsV2Command({ Bucket: DROPS }))],
        ['delete', () => beside.send(new DeleteObjectCommand(own))],
        [
          'write to another bucket',
          () => beside.send(new PutObjectCommand({ Bucket: 'portico-documents', Key: own.Key, Body: 'x' }))
        ],
        [
          'write as the operator',
          () => beside.send(new PutObjectCommand({ Bucket: DROPS, Key: `${here}/x.txt`, Body: 'x' }))
        ]
      ] as const)
        await assert.rejects(attempt(), { name: 'AccessDenied' }, what)
      assert.equal((await versionsBelow(`${here}/x.txt`)).length, 0)
      assert.equal((await versionsBelow(own.Key)).length, 1)
      assert.equal((await versionsBelow(their_key)).length, 1)
    })

    test('opens to short-lived credentials alone: a lasting key, a URL and a made-up token stay outside', async () => {
      const lasting = store.secret('store-drops')
      const mine = { Bucket: DROPS, Key: `${lent.prefix}lasting.txt` }
      const keyOnly: S3Credentials = {
        ...lent,
        access_key_id: lasting.access_key_id,
        secret_access_key: lasting.secret_access_key,
        session_token: ''
      }
      const putAs = (as: S3Credentials) => clientWith(as).send(new PutObjectCommand({ ...mine, Body: 'x' }))
      await assert.rejects(putAs(keyOnly), /session token/)
      for (const session_token of ['a.b.c', lent.session_token])
        await assert.rejects(putAs({ ...keyOnly, session_token }), {
          name: /InvalidToken|AccessDenied|SignatureDoesNotMatch|InvalidTokenId/
        })
      const url = await getSignedUrl(clientWith(lent), new PutObjectCommand(mine), { expiresIn: 60 })
      assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403)
      assert.equal((await versionsBelow(mine.Key)).length, 0)
    })

    test('a session’s end is signed by the store and cannot be put off', async () => {
      const [head = '', claims = '', signature] = lent.session_token.split('.')
      const said: { exp: number; parent: string } = JSON.parse(Buffer.from(claims, 'base64url').toString())
      assert.equal(said.parent, 'portico-drops')
      assert.equal(said.exp * 1_000, Date.parse(lent.expires_at))
      const later = Buffer.from(JSON.stringify({ ...said, exp: said.exp + 86_400 })).toString('base64url')
      // Signed rightly even, for the store keeps the one that it gave out.
      const signed = createHmac('sha512', store.root_password).update(`${head}.${later}`).digest('base64url')
      assert.equal(
        createHmac('sha512', store.root_password).update(`${head}.${claims}`).digest('base64url'),
        signature
      )
      for (const last of [signature, signed])
        await assert.rejects(put({ ...lent, session_token: `${head}.${later}.${last}` }, 'late.txt'), {
          name: 'InvalidTokenId'
        })
      assert.equal((await versionsBelow(`${lent.prefix}late.txt`)).length, 0)
    })

    test('streaming payloads, other paths and keys that climb do not reach the store', async () => {
      const raw = (method: string, path: string, headers: Record<string, string> = {}, body = 'x') =>
        new Promise<number>((resolve, reject) => {
          const sent = request({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
            answer.resume()
            resolve(answer.statusCode ?? 0)
          })
          sent.once('error', reject).end(body)
        })
      const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
      const signed = {
        host: `127.0.0.1:${port}`,
        'x-amz-date': date,
        'x-amz-security-token': lent.session_token,
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        'content-length': '1',
        authorization: `AWS4-HMAC-SHA256 Credential=${lent.access_key_id}/${date.slice(0, 8)}/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=${'0'.repeat(64)}`
      }
      const own = `/${DROPS}/${lent.prefix}raw.txt`
      for (const mode of [
        'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
        'streaming-unsigned-payload-trailer'
      ]) {
        const streamed = { ...signed, 'x-amz-content-sha256': mode, 'x-amz-decoded-content-length': '1' }
        assert.equal(await raw('PUT', own, streamed), 403, mode)
      }
      for (const path of [
        `/${DROPS}/${lent.prefix}../../x.txt`,
        `/${DROPS}/${lent.prefix}%2e%2e/x.txt`,
        `/${DROPS}/${lent.prefix}a/..%2f..%2fx.txt`,
        `/${DROPS}/${lent.prefix}a%5c..%5cx.txt`,
        `/${DROPS}/${lent.prefix}a//x.txt`
      ])
        assert.equal(await raw('PUT', path, signed), 400, path)
      for (const path of [
        '/',
        '/minio/admin/v3/info',
        '/minio/health/live',
        `/portico-documents/${lent.prefix}x`,
        '/?Action=AssumeRole'
      ])
        for (const method of ['GET', 'POST', 'PUT']) assert.equal(await raw(method, path, signed), 404, path)
      // Well formed, wrongly signed: the store says so.
      assert.equal(await raw('PUT', own, signed), 403)
      assert.equal((await versionsBelow(`${lent.prefix}raw.txt`)).length, 0)
    })
  })

  suite('what was dropped', () => {
    test('becomes a document of the key’s person, in the folders of its path, and the log names the key', async () => {
      const drop = `${lent.prefix}2026/Belege/Rechnung.txt`
      await tell(drop, await put(lent, '2026/Belege/Rechnung.txt'))
      const [made] = await until('a document', async () => {
        const found = await documentOf(drop)
        return found.length > 0 && found
      })
      assert.deepEqual(
        [made.name, made.folder, made.created_by, made.sent_by],
        ['Rechnung.txt', 'Belege', petra.id, petra.id]
      )
      const [act] = await query(
        `select actor_id, convert_from(body, 'UTF8')::jsonb->'facts' as facts from audit
          where action = 'document.adopted' and document_id = $1`,
        [made.id]
      )
      assert.deepEqual([act.actor_id, act.facts], [petra.id, { size: 7, key_id: key.key.id }])
    })

    test('after its key was revoked is no document; what lay there before is', async () => {
      const gone = await newKey()
      const session = await lend(gone.token)
      const [in_time, late] = [`${session.prefix}in time.txt`, `${session.prefix}late.txt`]
      const first = await put(session, 'in time.txt')
      await new Promise((resolve) => setTimeout(resolve, 2_100)) // the store tells whole seconds
      const revoked = await call(admin, 'DELETE', `/keys/${gone.key.id}`, {
        cookie: cookies.get(petra.id) ?? ''
      })
      assert.equal(revoked.status, 204)
      assert.equal(await problemCode(await ask(gone.token, here)), 'not_signed_in')
      // The session itself lives on in the store until its hour is over.
      const second = await put(session, 'late.txt')
      await tell(late, second)
      await tell(in_time, first)
      await until('the first is a document', async () => (await documentOf(in_time)).length === 1)
      const [dead] = await until('the second is a dead letter', async () => {
        const found = await deadOf(late)
        return found.length > 0 && found
      })
      assert.equal(dead.error, 'key_revoked')
      assert.deepEqual(await documentOf(late), [])
      assert.equal((await versionsBelow(late)).length, 1, 'the bytes are kept')
      const incidents = await query(`select kind from incident where detail->>'key' = $1`, [late])
      assert.deepEqual(incidents, [{ kind: 'key_revoked' }])
    })

    test('by somebody who lost the right meanwhile waits for whoever gives it back', async () => {
      const drop = `${lent.prefix}unasked.txt`
      const version = await put(lent, 'unasked.txt')
      await query(`update access_grant set valid_until = now() where person_id = $1 and node_id = $2`, [
        petra.id,
        here
      ])
      await tell(drop, version)
      const [dead] = await until('a dead letter', async () => {
        const found = await deadOf(drop)
        return found.length > 0 && found
      })
      assert.equal(dead.error, 'sender_not_allowed')
      await stage.seedGrant({ person_id: petra.id, node_id: here, level: 3 })
      await query(
        `update job set state = 'ready', run_at = now(), attempt = 0, done_at = null where data->>'key' = $1`,
        [drop]
      )
      await until('a document', async () => (await documentOf(drop)).length === 1)
    })

    test('into a folder that its sender may not add to is no document there', async () => {
      const [folder] = await query(
        `insert into node (kind, parent_id, name, inherits) values ('folder', $1, 'Partners', false) returning id`,
        [here]
      )
      const drop = `${lent.prefix}Partners/deeper/unasked.txt`
      await tell(drop, await put(lent, 'Partners/deeper/unasked.txt'))
      await until('a dead letter', async () => (await deadOf(drop)).length === 1)
      assert.deepEqual(await documentOf(drop), [])
      assert.deepEqual(await query('select from node where parent_id = $1', [folder.id]), [])
    })
  })
}

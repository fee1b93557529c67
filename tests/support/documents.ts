/** The function documents on a stage with a real database and a real store, and what people do with it. */
import { createHash } from 'node:crypto'
import { after } from 'node:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import type { Document } from '../../functions/_shared/contract/document.ts'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { type CallWish, type Handler, type Seeds, call, setStage } from './functions.ts'
import { startGateway } from './pipeline.ts'
import { startStore } from './store.ts'

export type OutgoingFile = {
  name: string
  bytes: Uint8Array
  path?: string
  type?: string
  /** It is a new version of this document. */
  document_id?: string
}

export const file = (name: string, text: string, path = ''): OutgoingFile => ({
  name,
  path,
  bytes: Buffer.from(text)
})

/** Bytes of a length, different for each seed. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const block = createHash('sha512').update(String(seed)).digest()
  return Buffer.alloc(length, block)
}

/** Call it once, at the top of the file. Functions that documents calls run as processes behind a gateway. */
export async function setDocumentsStage() {
  const store = await startStore()
  const key = JSON.stringify(store.secret)
  const stage = await setStage({
    secrets: { 'store-app': key, 'store-download': key, 'store-clock': key, 'store-pipeline': key }
  })
  const gateway = await startGateway(stage.secrets)
  after(gateway.stop)
  process.env.GATEWAY_URL = gateway.url
  const documents = await stage.handler('documents')
  return { ...stage, store, gateway, documents }
}
export type DocumentsStage = Awaited<ReturnType<typeof setDocumentsStage>>

/** A visitor of a link: addresses are below their visit's. */
export const asVisitor = (handler: Handler, link_id: string, cookie: string) =>
  asCaller({ fetch: (request) => handler.fetch(below(`/visits/${link_id}`, request)) }, cookie)

const below = (base: string, request: Request): Request => {
  const url = new URL(request.url)
  return new Request(`${url.origin}${base}${url.pathname.replace(/^\/$/, '')}${url.search}`, request)
}

/** Somebody signed in, who calls the function and expects JSON. */
export function asCaller(handler: Handler, cookie: string) {
  const send = (method: string, path: string, body?: unknown, wish: CallWish = {}) =>
    call(handler, method, path, { cookie, body, ...wish })
  return {
    cookie,
    send,
    /** The answer's body; throws when the status is another. */
    async ok<T>(method: string, path: string, body?: unknown, wish: CallWish = {}): Promise<T> {
      const answer = await send(method, path, body, wish)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? undefined! : JSON.parse(text)
    },
    async begin(folder_id: string, files: OutgoingFile[]): Promise<Upload[]> {
      const answer = await send('POST', '/uploads', { folder_id, files: files.map(newFile) })
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
      const { uploads }: { uploads: Upload[] } = await answer.json()
      return uploads
    },
    async complete(ids: string[]): Promise<Receipt> {
      const answer = await send('POST', '/uploads/complete', { ids })
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    /** Uploads small files; the documents in their order. */
    async upload(folder_id: string, files: OutgoingFile[]): Promise<Document[]> {
      const uploads = await this.begin(folder_id, files)
      for (const [index, upload] of uploads.entries()) {
        const answer = await put(upload.url ?? '', files[index]?.bytes ?? new Uint8Array())
        if (answer.status !== 200) throw new Error(`PUT ${answer.status}`)
      }
      const receipt = await this.complete(uploads.map((upload) => upload.id))
      return receipt.outcomes.map((outcome) => {
        if (!outcome.document) throw new Error(outcome.outcome)
        return outcome.document
      })
    }
  }
}

const newFile = (one: OutgoingFile) => ({
  name: one.name,
  path: one.path ?? '',
  size: one.bytes.length,
  declared_type: one.type ?? 'text/plain',
  document_id: one.document_id ?? null,
  head_sha256: createHash('sha256').update(one.bytes).digest('hex')
})

/** A PUT as a browser sends it. */
export async function put(
  url: string,
  bytes: Uint8Array,
  headers: Record<string, string> = { 'if-none-match': '*' }
): Promise<{ status: number }> {
  const answer = await fetch(url, { method: 'PUT', headers, body: Buffer.from(bytes) })
  await answer.arrayBuffer()
  return { status: answer.status }
}

/** What preview would have left: pages with an image, a thumbnail and text, and a version that is ready. */
export async function seedPages(
  stage: Pick<Seeds, 'owner' | 'store'>,
  document_id: string,
  count: number
): Promise<void> {
  const image = await sharp({ create: { width: 1240, height: 1754, channels: 3, background: '#fff' } })
    .jpeg()
    .toBuffer()
  const thumbnail = await sharp(image).resize(160).jpeg().toBuffer()
  const text = Buffer.from(JSON.stringify({ words: [{ t: 'secret', x: 1, y: 2, w: 3, h: 4 }] }))
  for (let no = 1; no <= count; no += 1) {
    const key = `${document_id}/test/${no}`
    const files = [
      [`${key}.jpg`, image],
      [`${key}.small.jpg`, thumbnail],
      [`${key}.json`, text]
    ] as const
    for (const [Key, Body] of files)
      await stage.store.s3.send(new PutObjectCommand({ Bucket: 'portico-derived', Key, Body }))
    await stage.owner.query(
      `insert into page (version_id, project_id, no, width, height, image_key, thumbnail_key, text_key)
       select current_version_id, project_id, $2, 1240, 1754, $3, $4, $5 from document where id = $1`,
      [document_id, no, ...files.map(([name]) => name)]
    )
  }
  await stage.owner.query(
    `update version set state = 'ready', scan_result = 'clean', preview_result = 'complete', page_count = $2,
            detected_type = 'application/pdf'
      where document_id = $1`,
    [document_id, count]
  )
}

/** So many documents in a folder, as rows alone: names "<name> 1" to "<name> <count>", nothing in the store. */
export async function seedMany(
  stage: DocumentsStage,
  place: { folder_id: string; project_id: string },
  name: string,
  count: number
): Promise<void> {
  await stage.owner.query(
    `with d as (insert into document (folder_id, project_id, name)
                select $1, $2, $3 || ' ' || n from generate_series(1, $4) n returning id)
     insert into version (document_id, project_id, no, object_key, object_version_id, size, declared_type, state)
     select id, $2, 1, id::text, 'v', 1, 'text/plain', 'ready' from d`,
    [place.folder_id, place.project_id, name, count]
  )
  await stage.owner.query(
    `update document d set current_version_id = v.id from version v where v.document_id = d.id and d.current_version_id is null`
  )
}

/** Upload complete → the bytes of page one, as a browser beside the stack would have them (10-page PDF). */
import { setTimeout as wait } from 'node:timers/promises'
import { PDFDocument, StandardFonts } from 'pdf-lib'
import type { Document } from '../../functions/_shared/contract/document.ts'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { startStack } from '../support/stack.ts'
import { type Row, ms, percentile, printRows } from './row.ts'

async function tenPages(label: string): Promise<Uint8Array> {
  const file = await PDFDocument.create()
  const font = await file.embedFont(StandardFonts.TimesRoman)
  for (let page = 1; page <= 10; page += 1) {
    const sheet = file.addPage([595, 842])
    for (let line = 0; line < 44; line += 1)
      sheet.drawText(`${label}, page ${page}, line ${line}: the quick brown fox jumps over the lazy dog.`, {
        x: 56,
        y: 780 - line * 16,
        size: 10,
        font
      })
  }
  return file.save()
}

async function once(client: ApiClient, folder: string, no: number): Promise<number> {
  const bytes = await tenPages(`run ${no}`)
  const { uploads } = await client.call<{ uploads: { id: string; document_id: string; url: string }[] }>(
    'POST',
    '/documents/uploads',
    {
      folder_id: folder,
      files: [{ name: `run ${no}.pdf`, size: bytes.length, declared_type: 'application/pdf' }]
    }
  )
  const upload = uploads[0]
  if (!upload) throw new Error('no upload was made')
  await fetch(upload.url, { method: 'PUT', headers: { 'if-none-match': '*' }, body: Buffer.from(bytes) })
  const started = performance.now()
  await client.call('POST', '/documents/uploads/complete', { ids: [upload.id] })
  while (
    (await client.call<Document>('GET', `/documents/documents/${upload.document_id}`)).version.pages_ready < 1
  )
    await wait(10)
  const image = await client.fetch(
    'GET',
    `/documents/documents/${upload.document_id}/pages/1/image?size=page`
  )
  const location = image.headers.get('location')
  await (location ? await fetch(new URL(location, client.origin)) : image).arrayBuffer()
  return performance.now() - started
}

/** 40 uploads one after another, after three that warm up. */
export async function run(): Promise<Row[]> {
  const stack = await startStack()
  try {
    const client = new ApiClient(stack.origin)
    await client.signIn(stack.person('Jonas'))
    const { items } = await client.call<{ items: { id: string }[] }>('GET', '/documents/projects')
    const folder = items[0]?.id ?? ''
    const times: number[] = []
    for (let no = 0; no < 43; no += 1) {
      const time = await once(client, folder, no)
      if (no >= 3) times.push(time)
    }
    const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)]
    const row: Row = {
      what: 'upload complete → page one (10-page PDF)',
      figure: `p50 ${ms(p50)}, p95 ${ms(p95)}`,
      must: 'p95 ≤ 1 s',
      aim: 'p50 ≤ 300 ms, p95 ≤ 600 ms',
      holds: p95 <= 1_000
    }
    return [row]
  } finally {
    await stack.stop()
  }
}

if (import.meta.main) {
  printRows(await run())
  process.exit()
}

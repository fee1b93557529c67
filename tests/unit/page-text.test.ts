/** A page's text as the index reads it, from a store that does not behave. */
import assert from 'node:assert/strict'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { InputAway } from '../../functions/_shared/parser.ts'
import { textAt } from '../../functions/_shared/pipeline/index-text.ts'
import { close, listen } from '../../infra/runner/listen.ts'

async function against(store: RequestListener, ask: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(store)
  await listen(server, 0, '127.0.0.1')
  const { port } = server.address() as AddressInfo
  try {
    await ask(`http://127.0.0.1:${port}/1.json`)
  } finally {
    await close(server, 0)
  }
}

test('what is there is read, what is gone is empty', async () => {
  await against(
    (_, response) => response.end('{"words":[]}'),
    async (url) => assert.equal(await textAt(url), '{"words":[]}')
  )
  await against(
    (_, response) => response.writeHead(404).end('<Error/>'),
    async (url) => assert.equal(await textAt(url), '')
  )
})

test('a store that is busy, breaks off or is not there is away, and the page is not taken for an empty one', async () => {
  const breaks: RequestListener = (request, response) => {
    response.writeHead(200, { 'content-length': 1_000 })
    response.write('{"words":[')
    setTimeout(() => request.socket.destroy(), 20)
  }
  const busy: RequestListener = (_, response) => response.writeHead(503).end()
  const hangs_up: RequestListener = (request) => request.socket.destroy()
  for (const store of [breaks, busy, hangs_up])
    await against(store, (url) => assert.rejects(textAt(url), InputAway))
  let gone = ''
  await against(busy, async (url) => void (gone = url))
  await assert.rejects(textAt(gone), InputAway)
})

/**
 * The web's front door (copied to build/index.js). adapter-node's own entry takes the origin from request headers;
 * here it is the configured one, whatever a request says (links are built from ORIGIN, never from Host).
 */
import { createServer } from 'node:http'

process.env.PROTOCOL_HEADER = 'x-portico-web-protocol'
process.env.HOST_HEADER = 'x-portico-web-host'
// Forms carry text only; files go from the browser to the store.
process.env.BODY_SIZE_LIMIT ??= '256K'

// Checks the environment (env.ts) and ends the start when something in it is wrong.
const { handler } = await import('./handler.js')
const origin = new URL(process.env.ORIGIN ?? 'http://localhost:8480')

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  request.headers['x-portico-web-protocol'] = origin.protocol.slice(0, -1)
  request.headers['x-portico-web-host'] = origin.host
  handler(request, response, () => response.writeHead(404).end())
})

let leaving = false
/** Ends open event streams too: they would hold the process, as would the LISTEN client. */
function leave() {
  if (leaving) return
  leaving = true
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  process.emit('sveltekit:shutdown', 'SIGTERM')
  setTimeout(() => process.exit(0), 5_000).unref()
}
process.on('SIGTERM', leave)
process.on('SIGINT', leave)
if (process.env.PORTICO_STDIN === 'watch') {
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
  process.stdin.on('error', () => process.exit(0))
}

server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : null
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level: 'info', function: 'web', event: 'ready', port })}\n`
  )
})

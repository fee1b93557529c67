/** Listening, with errors that a person understands. */
import type { Server } from 'node:http'
import { createServer } from 'node:net'
import { CannotStart } from './options.ts'

/** Starts listening. Throws CannotStart when the port is taken. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new CannotStart(`Port ${port} is taken by another program: start with -- --port N.`)
          : error
      )
    )
    server.listen(port, host, resolve)
  })
}

/** The second half of localhost: some systems ask ::1 first. Where there is no IPv6 nothing is missing. */
export function alsoListenV6(server: Server, port: number): () => void {
  // As an HTTP server sets up its own connections: small answers go out at once.
  const second = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    server.emit('connection', socket)
  )
  second.on('error', () => undefined)
  second.listen({ port, host: '::1', ipv6Only: true })
  return () => second.close()
}

/** Ends a server: no new connections, up to `patience` milliseconds for what is under way. */
export async function close(server: Server, patience: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const force = setTimeout(() => server.closeAllConnections(), patience)
  await closed
  clearTimeout(force)
}

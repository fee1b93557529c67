/** What we use of smtp-server, which brings no types. */
declare module 'smtp-server' {
  import type { EventEmitter } from 'node:events'
  import type { Server } from 'node:net'
  import type { Readable } from 'node:stream'
  type Done = (error?: Error) => void
  export class SMTPServer extends EventEmitter {
    readonly server: Server
    constructor(options: {
      disabledCommands?: string[]
      size?: number
      logger?: boolean
      onRcptTo?: (address: { address: string }, session: object, done: Done) => void
      onData: (stream: Readable, session: { envelope: { rcptTo: { address: string }[] } }, done: Done) => void
    })
    listen(port: number, host: string, done: () => void): void
    close(done: () => void): void
  }
}

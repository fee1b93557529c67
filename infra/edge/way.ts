/** Where the edge passes requests on to, with the connections that are kept there. */
import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'

export type Way = { host: string; port: number; secure: boolean; agent: Agent }

/** Milliseconds that an unused connection is kept. */
const KEPT = 30_000

/** @param address http or https; by https its certificate is for the name in it, whatever the Host of a request says */
export function wayTo(address: string, connections = 128): Way {
  const url = new URL(address)
  const secure = url.protocol === 'https:'
  const kept = { keepAlive: true, maxFreeSockets: connections, timeout: KEPT }
  return {
    host: url.hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    agent: secure ? new SecureAgent({ ...kept, servername: url.hostname }) : new Agent(kept)
  }
}

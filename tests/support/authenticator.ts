/**
 * An authenticator made of software, for calls without a browser: it can also say what no browser would, another
 * origin or an old count. Formats: WebAuthn level 3, sections 6.1 and 6.5.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { ORIGIN } from './functions.ts'

type Options = { challenge: string; user?: { id: string } }
type Lie = {
  origin?: string
  counter?: number
  verified?: boolean
  user_handle?: string | null
  rp_id?: string
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest()
const text = (data: Buffer | string): string => Buffer.from(data).toString('base64url')

export type Authenticator = ReturnType<typeof newAuthenticator>

export function newAuthenticator() {
  const id = randomBytes(32)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let counter = 0
  let user = ''

  const client = (type: string, challenge: string, lie: Lie): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: lie.origin ?? ORIGIN, crossOrigin: false }))

  function data(flags: number, lie: Lie, rest = Buffer.alloc(0)): Buffer {
    counter += 1
    const head = Buffer.alloc(5)
    head.writeUInt8(flags | 1 | (lie.verified === false ? 0 : 4))
    head.writeUInt32BE(lie.counter ?? counter, 1)
    return Buffer.concat([sha256(lie.rp_id ?? 'localhost'), head, rest])
  }

  /** The key as COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
  function cose(): Buffer {
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const hex = (bytes: string) => Buffer.from(bytes, 'hex')
    return Buffer.concat([
      ...[hex('a5010203262001215820'), Buffer.from(x, 'base64url')],
      ...[hex('225820'), Buffer.from(y, 'base64url')]
    ])
  }

  return {
    id: text(id),

    /** What `navigator.credentials.create()` would give. */
    make(options: Options, lie: Lie = {}) {
      user = options.user?.id ?? ''
      const length = Buffer.from([0, id.length])
      const attested = data(0x40, lie, Buffer.concat([Buffer.alloc(16), length, id, cose()]))
      const size = Buffer.alloc(2)
      size.writeUInt16BE(attested.length)
      // {fmt: "none", attStmt: {}, authData: bytes}
      const head = Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex')
      return {
        ...{ id: text(id), rawId: text(id), type: 'public-key' },
        response: {
          clientDataJSON: text(client('webauthn.create', options.challenge, lie)),
          attestationObject: text(Buffer.concat([head, size, attested])),
          transports: ['internal', 'of-the-future']
        },
        clientExtensionResults: {}
      }
    },

    /** What `navigator.credentials.get()` would give. */
    show(options: Options, lie: Lie = {}) {
      const said = client('webauthn.get', options.challenge, lie)
      const authenticator = data(0, lie)
      const signature = sign('sha256', Buffer.concat([authenticator, sha256(said)]), privateKey)
      return {
        ...{ id: text(id), rawId: text(id), type: 'public-key' },
        response: {
          clientDataJSON: text(said),
          authenticatorData: text(authenticator),
          signature: text(signature),
          userHandle: lie.user_handle === undefined ? user : lie.user_handle
        },
        clientExtensionResults: {}
      }
    }
  }
}

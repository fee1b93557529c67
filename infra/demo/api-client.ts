/** A person at the API, as a script: cookies, second factor, uploads. The demo firm is made with it; tests use it too. */
import { createHash } from 'node:crypto'
import type { Receipt, Upload } from '../../functions/_shared/contract/upload.ts'
import { nextCode } from './app.ts'

/** What the API answered instead of a success. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}

/** A file to be sent: `path` names folders below the target. */
export type OutgoingFile = {
  name: string
  path?: string
  type: string
  bytes: Uint8Array
  document_id?: string
}

export class ApiClient {
  readonly origin: string
  readonly base: string
  cookie = ''

  /**
   * @param origin where the portal is, e.g. http://localhost:8480, without a trailing slash
   * @param base where its functions answer, `/NAME/…` below it: at the edge, or straight at a gateway
   */
  constructor(origin: string, base = `${origin}/api/v1`) {
    this.origin = origin
    this.base = base
  }

  /** One call. Throws ApiError on anything but 2xx and 3xx; answers parsed JSON, or null without a body. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {}
  ): Promise<T> {
    const response = await this.fetch(method, path, body, headers)
    const text = await response.text()
    const value = text === '' ? null : JSON.parse(text)
    if (response.status >= 400) throw new ApiError(response.status, value?.code ?? '', value?.detail ?? text)
    return value
  }

  /** The bare answer, redirects not followed. Cookies that it sets are kept. */
  async fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {}
  ): Promise<Response> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: this.origin,
        ...(this.cookie && { cookie: this.cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    // Of the session alone: a script is no browser that is known again.
    for (const cookie of response.headers.getSetCookie())
      if (!cookie.includes('device=')) this.cookie = cookie.split(';')[0] ?? ''
    return response
  }

  /** Signs in with both factors. A TOTP code works once: when another script used it, the next one is shown. */
  async signIn(person: { email: string; password: string; totp_secret: string }): Promise<void> {
    await this.call('POST', '/auth/sign-in', { email: person.email, password: person.password })
    const show = async () =>
      this.call('POST', '/auth/second-factor', { code: await nextCode(person.totp_secret) })
    try {
      await show()
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'code_failed') throw error
      await show()
    }
  }

  /** Sets up the authenticator app after set-up or an invitation; answers the base32 secret. */
  async setUpSecondFactor(): Promise<string> {
    const { secret } = await this.call<{ secret: string }>('POST', '/auth/second-factor/set-up')
    await this.call('POST', '/auth/second-factor/confirm', { code: await nextCode(secret) })
    return secret
  }

  /** Uploads files as the browser does: create, PUT to the store, complete. */
  async upload(folderId: string, files: OutgoingFile[]): Promise<Receipt> {
    const { uploads } = await this.call<{ uploads: Upload[] }>('POST', '/documents/uploads', {
      folder_id: folderId,
      files: files.map((file) => ({
        name: file.name,
        path: file.path ?? '',
        size: file.bytes.length,
        declared_type: file.type,
        document_id: file.document_id ?? null,
        head_sha256: createHash('sha256')
          .update(file.bytes.subarray(0, 1024 * 1024))
          .digest('hex')
      }))
    })
    for (const [index, upload] of uploads.entries()) {
      const file = files[index]
      if (file) await this.put(upload, file.bytes)
    }
    return this.call<Receipt>('POST', '/documents/uploads/complete', {
      ids: uploads.map((upload) => upload.id)
    })
  }

  /** Sends one upload's bytes to the store, in one PUT or in parts. */
  async put(upload: Upload, bytes: Uint8Array): Promise<void> {
    if (upload.url) return putBytes(upload.url, bytes)
    const numbers = Array.from({ length: upload.part_count }, (_, index) => index + 1)
    const { parts } = await this.call<{ parts: { number: number; url: string }[] }>(
      'POST',
      `/documents/uploads/${upload.id}/parts`,
      { numbers }
    )
    for (const { number, url } of parts)
      await putBytes(url, bytes.subarray((number - 1) * upload.part_size, number * upload.part_size))
  }
}

async function putBytes(url: string, bytes: Uint8Array): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'if-none-match': '*' },
    body: Buffer.from(bytes)
  })
  if (!response.ok) throw new ApiError(response.status, 'store', await response.text())
}

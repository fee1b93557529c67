/** PUT by XMLHttpRequest: fetch tells nothing about what has been sent. */
import { STALL_MS } from '../limits.ts'
import type { Put } from '../types.ts'

export const put: Put = (url, body, onProgress, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let stall: ReturnType<typeof setTimeout> | undefined
    const abort = () => request.abort()
    const alive = () => {
      clearTimeout(stall)
      stall = setTimeout(abort, STALL_MS)
    }
    const end = () => {
      clearTimeout(stall)
      signal.removeEventListener('abort', abort)
      if (signal.aborted) reject(signal.reason)
      else resolve(request.status)
    }
    request.open('PUT', url)
    // Signed without a type: the browser would send the file's, which the store keeps as the object's own.
    request.setRequestHeader('content-type', 'application/octet-stream')
    // What was signed has to be sent: whole files may arrive once only, parts have no such rule.
    if (/X-Amz-SignedHeaders=[^&]*if-none-match/.test(url)) request.setRequestHeader('if-none-match', '*')
    request.upload.onprogress = (event) => {
      alive()
      onProgress(event.loaded)
    }
    request.onloadend = end
    signal.addEventListener('abort', abort)
    alive()
    request.send(body)
  })

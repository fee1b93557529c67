/**
 * File handles, kept over a reload where the browser has them (Chromium). Keyed by upload. Nothing here may stop an
 * upload: without IndexedDB (private windows) or handles the person picks the file again.
 */
const STORE = 'handle'

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('portico-uploads', 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}

let database: Promise<IDBDatabase> | undefined

async function act<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>
): Promise<T | null> {
  try {
    const store = (await (database ??= open())).transaction(STORE, mode).objectStore(STORE)
    return await new Promise<T>((resolve, reject) => {
      const request = work(store)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
    })
  } catch {
    return null
  }
}

export const keepHandle = (id: string, handle: FileSystemFileHandle) =>
  act('readwrite', (store) => store.put(handle, id))

export const dropHandle = (id: string) => act('readwrite', (store) => store.delete(id))

export const handleOf = (id: string) =>
  act<FileSystemFileHandle | undefined>('readonly', (store) => store.get(id)).then((handle) => handle ?? null)

/** Chromium's own; not in TypeScript's library. */
type Asking = FileSystemFileHandle & {
  queryPermission?(how: { mode: 'read' }): Promise<PermissionState>
  requestPermission?(how: { mode: 'read' }): Promise<PermissionState>
}

/** The handle's file. `ask` shows the browser's question and needs a press. Null: not allowed, or the file is gone. */
export async function fileOf(handle: Asking, ask: boolean): Promise<File | null> {
  try {
    const state = ask
      ? await handle.requestPermission?.({ mode: 'read' })
      : await handle.queryPermission?.({ mode: 'read' })
    return state === 'granted' ? await handle.getFile() : null
  } catch {
    return null
  }
}

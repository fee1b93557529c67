/** What was dropped or picked, folders and all. */
import type { Picked } from '../types.ts'

/** Chromium's own; not in TypeScript's library. */
type Item = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/** Left behind by operating systems in every folder; nobody means to send them. */
const LITTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/**
 * The files of a drop, folders walked through. Must be called in the drop event itself (its items are emptied after),
 * may be awaited later. What cannot be read is left out and counted.
 */
export async function dropped(transfer: DataTransfer): Promise<{ files: Picked[]; unreadable: number }> {
  const roots = Array.from(transfer.items, (item: Item) => ({
    entry: item.kind === 'file' ? item.webkitGetAsEntry() : null,
    handle: item.kind === 'file' ? item.getAsFileSystemHandle?.().catch(() => null) : undefined
  }))
  const found = { files: [] as Picked[], unreadable: 0 }
  for (const { entry, handle } of roots) if (entry) await walk(entry, '', found, (await handle) ?? null)
  return found
}

async function walk(
  entry: FileSystemEntry,
  path: string,
  found: { files: Picked[]; unreadable: number },
  handle: FileSystemHandle | null
): Promise<void> {
  if (LITTER.has(entry.name)) return
  try {
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
      found.files.push({ file, path, ...(isFileHandle(handle) ? { handle } : {}) })
    } else if (isFolder(entry)) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`
      for (const child of await childrenOf(entry))
        await walk(child, inside, found, await handleIn(handle, child))
    }
  } catch {
    found.unreadable += 1
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
const isFileHandle = (handle: FileSystemHandle | null): handle is FileSystemFileHandle =>
  handle?.kind === 'file'

/** readEntries gives at most 100 at a time, and an empty list at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    )
    if (some.length === 0) return all.sort((a, b) => a.name.localeCompare(b.name))
    all.push(...some)
  }
}

async function handleIn(
  folder: FileSystemHandle | null,
  child: FileSystemEntry
): Promise<FileSystemHandle | null> {
  if (folder?.kind !== 'directory') return null
  const directory = folder as FileSystemDirectoryHandle
  return (
    child.isFile ? directory.getFileHandle(child.name) : directory.getDirectoryHandle(child.name)
  ).catch(() => null)
}

/** The files of an <input type=file>, with `webkitdirectory` the folders above them. */
export function picked(list: FileList | null): Picked[] {
  return Array.from(list ?? [], (file) => ({ file, path: folderOf(file.webkitRelativePath) })).filter(
    ({ file }) => !LITTER.has(file.name)
  )
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

type Picker = (how: { multiple: boolean }) => Promise<FileSystemFileHandle[]>

/**
 * The browser's picker that gives handles, so that an upload goes on after a reload without picking again. Null where
 * the browser has none; an empty list when nothing was chosen.
 */
export async function pickWithHandles(): Promise<Picked[] | null> {
  const picker = (window as Window & { showOpenFilePicker?: Picker }).showOpenFilePicker
  if (!picker) return null
  try {
    const handles = await picker.call(window, { multiple: true })
    return await Promise.all(
      handles.map(async (handle) => ({ file: await handle.getFile(), path: '', handle }))
    )
  } catch (cause) {
    return cause instanceof DOMException && cause.name === 'AbortError' ? [] : null
  }
}

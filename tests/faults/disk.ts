/** File systems of bounded size, which can be full: a file mounted as one, or memory. Linux, and root. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const run = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0

export type Disk = {
  path: string
  /** Takes the last free byte; again when something became free meanwhile. */
  fill: () => void
  /** Gives back what `fill` took. */
  free: () => void
  close: () => void
}

/** A file system of `megabytes` at `<folder>/disk`; null where this machine or its user may not mount. */
export function boundedDisk(folder: string, megabytes: number): Disk | null {
  const path = join(folder, 'disk')
  const image = join(folder, 'disk.img')
  mkdirSync(path)
  const isFile =
    run('truncate', '-s', `${megabytes}M`, image) &&
    run('mkfs.ext4', '-q', '-F', '-m', '0', image) &&
    run('mount', '-o', 'loop', image, path)
  if (!isFile && !run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'none', path)) return null
  let ballast = 0
  return {
    path,
    fill: () => {
      const { bavail, bsize } = statfsSync(path)
      ballast += 1
      if (bavail > 0) run('fallocate', '-l', String(bavail * bsize), join(path, `ballast-${ballast}`))
      writeUntilFull(join(path, `ballast-${ballast}-rest`))
    },
    free: () => {
      for (; ballast > 0; ballast -= 1)
        for (const end of ['', '-rest']) rmSync(join(path, `ballast-${ballast}${end}`), { force: true })
    },
    close: () => unmount(path)
  }
}

function writeUntilFull(file: string): void {
  const open = openSync(file, 'w')
  try {
    for (;;) writeSync(open, Buffer.alloc(4_096))
  } catch {
    // There is no room left.
  } finally {
    closeSync(open)
  }
}

/** A few files' worth of memory in the place of a folder. False where this machine or its user may not mount. */
export const narrow = (folder: string, files: number): boolean =>
  run('mount', '-t', 'tmpfs', '-o', `size=${files * 8}k,nr_inodes=${files + 1},mode=700`, 'none', folder)

/** Lazily: whoever still has a file of it open keeps that. */
export const unmount = (path: string): boolean => run('umount', '-l', path)

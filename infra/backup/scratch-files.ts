/** Files of a database: as root it runs as another user, whose they have to be. */
import { chownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export function chownAll(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid)
  if (!lstatSync(path).isDirectory()) return
  for (const name of readdirSync(path)) chownAll(join(path, name), uid, gid)
}

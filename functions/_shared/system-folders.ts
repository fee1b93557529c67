/** What a program needs of the system to run at all: programs, libraries, fonts. Nothing of anybody's, no secrets. */
import { existsSync } from 'node:fs'

export const SYSTEM_FOLDERS: string[] = [
  '/usr',
  '/opt',
  '/bin',
  '/lib',
  '/lib64',
  '/etc/alternatives',
  '/etc/fonts',
  '/etc/libreoffice',
  '/etc/ld.so.cache'
].filter((path) => existsSync(path))

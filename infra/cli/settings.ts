/** Where the portal is and by which key: flags, environment, or a file that nobody else can read. */
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type PorticoClient, portico } from 'portico/client'
import { z } from 'zod'
import { CommandProblem } from './problem.ts'

type Flags = { address?: string | undefined; 'key-file'?: string | undefined }
type Env = Record<string, string | undefined>

const Config = z.object({ address: z.url(), key: z.string() }).partial()
type Config = z.infer<typeof Config>

export const configFile = (env: Env): string =>
  env.PORTICO_CONFIG ?? join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'portico', 'config.json')

/**
 * A key is never a flag or a variable itself: both are seen by others on the machine, and stay in histories.
 *
 * @throws CommandProblem `usage` that says what is missing
 */
export function openPortal(flags: Flags, env: Env): { client: PorticoClient; address: string } {
  const config = readConfig(configFile(env))
  const address = flags.address ?? (env.PORTICO_ADDRESS || config.address)
  const file = flags['key-file'] ?? (env.PORTICO_KEY_FILE || undefined)
  const key = (file === undefined ? config.key : readSecret(file))?.trim()
  if (!address)
    throw missing('The address of the portal', '--address https://portal.example.com, PORTICO_ADDRESS')
  if (!key) throw missing('An API key', '--key-file FILE, PORTICO_KEY_FILE')
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new CommandProblem('usage', `${address} is not the address of a portal.`)
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new CommandProblem('usage', 'What the key file holds is not an API key.')
  return { client: portico({ address, key }), address: address.replace(/\/+$/, '') }
}

const missing = (what: string, ways: string): CommandProblem =>
  new CommandProblem(
    'usage',
    `${what} is missing: ${ways}, or ${configFile(process.env)} (docs/guide/cli.md).`
  )

function readConfig(file: string): Config {
  try {
    statSync(file)
  } catch {
    return {}
  }
  const parsed = Config.safeParse(jsonOf(readSecret(file)))
  if (!parsed.success) throw new CommandProblem('usage', `${file} is not {"address": "…", "key": "…"}.`)
  return parsed.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Throws when others on the machine can read it too. */
function readSecret(file: string): string {
  const { mode } = statSync(file)
  if ((mode & 0o077) !== 0)
    throw new CommandProblem(
      'usage',
      `Others can read ${file}: chmod 600 ${file}, and make a new key if they may have.`
    )
  return readFileSync(file, 'utf8')
}

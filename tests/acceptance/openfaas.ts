/** tests/acceptance/openfaas.sh says what it is for. */
import { readFileSync } from 'node:fs'
import { ApiClient } from '../../infra/demo/api-client.ts'
import { readStack } from '../../infra/runner/stack.ts'
import { mainJob, steps } from './main-job.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { ORIGIN = '', PORTICO_EMAIL = '', PORTICO_PASSWORD_FILE = '', PORTICO_TOTP_FILE = '' } = process.env
const gateway = (process.argv[2] ?? '').replace(/\/$/, '')
const secret = (file: string): string => readFileSync(file, 'utf8').trim()

/** Milliseconds that a function may take to come from nothing. */
const COLD = 60_000

const step = steps(say)
const client = new ApiClient(ORIGIN.replace(/\/$/, ''), `${gateway}/function`)
try {
  for (const { name } of readStack(new URL('../../stack.yml', import.meta.url), {}))
    await step(`${name} answers`, async () => {
      const { status } = await fetch(`${gateway}/function/${name}/_/health`, {
        signal: AbortSignal.timeout(COLD)
      })
      if (status !== 200) throw new Error(`${status}`)
    })
  await step('signed in, with both factors', () =>
    client.signIn({
      email: PORTICO_EMAIL,
      password: secret(PORTICO_PASSWORD_FILE),
      totp_secret: secret(PORTICO_TOTP_FILE)
    })
  )
  try {
    await mainJob(client, step)
  } finally {
    await step('signed out', () => client.call('POST', '/auth/sign-out'))
  }
  say('All is well.')
} catch {
  say('Something is wrong: see the line with FAILED.')
  process.exitCode = 1
}

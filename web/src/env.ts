/** The web's configuration, parsed at start: a bad value stops the start and names itself. */
import { defineEnvVars } from '@sveltejs/kit/env'

/** An http(s) address without its trailing slash. */
function address(fallback: string) {
  return (value: string | undefined): string => {
    const url = new URL(value ?? fallback)
    if (!/^https?:$/.test(url.protocol)) throw new Error('must be an http or https address')
    return url.href.replace(/\/$/, '')
  }
}

export const variables = defineEnvVars({
  ORIGIN: { schema: address('http://localhost:8480'), description: 'Where people reach the portal.' },
  GATEWAY_URL: {
    schema: address('http://gateway.openfaas:8080'),
    description: 'The gateway, seen from the web.'
  },
  secret_mount_path: {
    schema: (value) => value ?? '/var/openfaas/secrets',
    description: 'Folder of the secret files edge-token and db-web.'
  }
})

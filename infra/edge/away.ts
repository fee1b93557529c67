/** The page for the moments in which the web's own process is away: nothing from elsewhere, three languages, tries again. */
import { createHash } from 'node:crypto'

const STYLE = `:root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}p{margin:0 0 1rem}`

const LINES = [
  [
    'de',
    'Portico ist gerade nicht erreichbar. Die Seite versucht es von selbst wieder; was Sie hochgeladen haben, ist sicher.'
  ],
  ['en', 'Portico is away for a moment. This page tries again by itself; what you have uploaded is safe.'],
  [
    'sv',
    'Portico är inte tillgängligt just nu. Sidan försöker igen av sig själv; det du har laddat upp är i säkert förvar.'
  ]
]

export const AWAY_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3"><title>Portico</title><style>${STYLE}</style></head>
<body><main>${LINES.map(([lang, line]) => `<p lang="${lang}">${line}</p>`).join('')}</main></body></html>
`

const styleHash = createHash('sha256').update(STYLE).digest('base64')

export const AWAY_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'retry-after': '3',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff'
}

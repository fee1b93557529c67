import { paraglideVitePlugin } from '@inlang/paraglide-js'
import adapterNode from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import type { Adapter } from '@sveltejs/kit'
import tailwindcss from '@tailwindcss/vite'
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { type Plugin, defineConfig } from 'vite'
import { PARAGLIDE } from './scripts/compile-messages.ts'
import { help } from './scripts/help.ts'
import { faultsOfMessages } from './scripts/messages.ts'

/** adapter-node with our own front door: one configured origin, an end by SIGTERM, an end with the starter's pipe. */
function adapter(): Adapter {
  const node = adapterNode({ out: 'build' })
  return {
    ...node,
    async adapt(builder) {
      await node.adapt(builder)
      copyFileSync(new URL('./src/start.js', import.meta.url), 'build/index.js')
    }
  }
}

/** The only inline style on any page: SvelteKit's announcer of page changes. Allowed by what it says, not in general. */
const ANNOUNCER_STYLE = 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='

/** The only inline script on any page: app.html's. By what it says, since pages that load no scripts have no nonce. */
const EARLY_SCRIPT: `sha256-${string}` = `sha256-${createHash('sha256')
  .update(earlyScript())
  .digest('base64')}`

function earlyScript(): string {
  const page = readFileSync(new URL('./src/app.html', import.meta.url), 'utf8')
  const [, text] = /<script>([^]*?)<\/script>/.exec(page) ?? []
  if (text === undefined) throw new Error('app.html has no inline script')
  return text
}

/** A message missing in one language ends the build. */
const messages: Plugin = {
  name: 'portico-messages',
  buildStart() {
    const faults = faultsOfMessages()
    if (faults.length > 0) this.error(faults.join('\n'))
  }
}

export default defineConfig({
  // Fonts as files, never as data: URLs, so that font-src can stay at 'self'.
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: {
      // A message that is used but was never written would answer 500 at run time.
      onLog(level, log, next) {
        if (log.code === 'IMPORT_IS_UNDEFINED' || log.code === 'MISSING_EXPORT') throw new Error(log.message)
        next(level, log)
      }
    }
  },
  plugins: [
    messages,
    help,
    tailwindcss(),
    paraglideVitePlugin(PARAGLIDE),
    sveltekit({
      adapter: adapter(),
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['self'],
          'script-src': ['self', EARLY_SCRIPT],
          'style-src': ['self'],
          'style-src-attr': ['unsafe-hashes', ANNOUNCER_STYLE],
          'img-src': ['self', 'blob:'],
          'media-src': ['self'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'worker-src': ['self'],
          'form-action': ['self'],
          'frame-src': ['none'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'frame-ancestors': ['none'],
          'require-trusted-types-for': ['script'],
          'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url']
        }
      }
    })
  ]
})

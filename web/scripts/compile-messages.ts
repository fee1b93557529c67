/** Compiles messages/*.json to functions, as the build does: svelte-check wants them there. */
import { type CompilerOptions, compile } from '@inlang/paraglide-js'

export const PARAGLIDE = {
  project: './project.inlang',
  outdir: './src/lib/paraglide',
  // On the server, where hooks.server.ts has chosen; the browser reads what the page says (routes/+layout.ts).
  strategy: ['preferredLanguage', 'baseLocale'],
  isServer: 'import.meta.env.SSR',
  emitTsDeclarations: true
} satisfies CompilerOptions

if (import.meta.main) await compile(PARAGLIDE)

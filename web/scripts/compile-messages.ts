/** Compiles messages/*.json to functions, as the build does: svelte-check wants them there. */
import { type CompilerOptions, compile } from '@inlang/paraglide-js'

export const PARAGLIDE = {
  project: './project.inlang',
  outdir: './src/lib/paraglide',
  strategy: ['cookie', 'preferredLanguage', 'baseLocale'],
  isServer: 'import.meta.env.SSR',
  emitTsDeclarations: true
} satisfies CompilerOptions

if (import.meta.main) await compile(PARAGLIDE)

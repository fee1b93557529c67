/** The page's language stands in the page: scripts read it there, and need no cookie of their own. */
import { browser } from '$app/env'
import { assertIsLocale, overwriteGetLocale } from '#lib/paraglide/runtime.js'
import type { LayoutLoad } from './$types'

if (browser) overwriteGetLocale(() => assertIsLocale(document.documentElement.lang))

export const load: LayoutLoad = ({ data }) => {
  // Whoever signs in here may have another one than the page they came from.
  if (browser) document.documentElement.lang = data.locale
  return data
}

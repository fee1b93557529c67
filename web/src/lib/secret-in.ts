/**
 * The secret in an address's fragment; '' when it is not whole. Mail programs take the sign after a link for a part of it
 * (">", ".", ")"): what cannot be of the secret is left out. Pure.
 */
export const secretIn = (hash: string): string =>
  /^#([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])/.exec(hash)?.[1] ?? ''

/**
 * The address that was meant where a mail program wrote the "#" before the secret as %23 (or wrote that once more): the
 * browser takes the secret for a part of the path then. Null for any other path. Pure.
 */
export function withFragment(path: string): string | null {
  const found = /^(\/[a-z-]+\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})%(?:25)*23(.*)$/i.exec(path)
  const secret = secretIn(`#${found?.[2] ?? ''}`)
  return found && secret ? `${found[1]}#${secret}` : null
}

/** The address of a link in what somebody pasted: a whole message even, but a link of this portal only. Null without one. Pure. */
export function pastedLink(text: string, origin: string): string | null {
  for (const word of text.split(/[\s<>"]+/)) {
    const url = URL.parse(word)
    if (url?.origin !== origin || !url.pathname.startsWith('/l/')) continue
    const secret = secretIn(url.hash)
    if (secret) return `${url.pathname}#${secret}`
    const meant = withFragment(url.pathname)
    if (meant) return meant
  }
  return null
}

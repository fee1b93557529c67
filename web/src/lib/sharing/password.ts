/** Passwords of links: told by telephone, so made of signs that cannot be taken for each other. */

const SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Four groups of four, 79 bit. */
export function makePassword(): string {
  const signs: string[] = []
  while (signs.length < 16)
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      // Without the bytes at the end each sign is as likely as the next.
      if (byte < 256 - (256 % SIGNS.length) && signs.length < 16) signs.push(SIGNS[byte % SIGNS.length] ?? '')
  return (signs.join('').match(/.{4}/g) ?? []).join('-')
}

/** By length and variety alone: a hint, not a gate. */
export function strengthOf(password: string): 'short' | 'fair' | 'good' {
  if (password.length < 8) return 'short'
  return password.length >= 14 && new Set(password).size >= 8 ? 'good' : 'fair'
}

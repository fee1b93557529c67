/**
 * The secret in an address's fragment; '' when it is not whole. Mail programs take the sign after a link for a part of it
 * (">", ".", ")"): what cannot be of the secret is left out. Pure.
 */
export const secretIn = (hash: string): string =>
  /^#([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])/.exec(hash)?.[1] ?? ''

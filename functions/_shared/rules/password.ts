/**
 * How long a password must be (ASVS 5.0 6.2.1, NIST SP 800-63B-4 section 3.1.1.2). Nothing is asked of what it is made of.
 * Whoever chooses a shorter one than may stand alone sets a second factor up at once (docs/decisions/second-factor.md).
 */

const WITH_SECOND_FACTOR = 8
const ALONE = 15

/** Characters as people count them, not UTF-16 units, of what is compared. */
export const lengthOf = (password: string): number => [...password.normalize('NFKC')].length

/** Whether a password is long enough to open by itself. */
export const standsAlone = (password: string): boolean => lengthOf(password) >= ALONE

/** @param person `second_factor`: they have one, or set one up before they get in */
export const leastLength = (person: { second_factor: boolean }): number =>
  person.second_factor ? WITH_SECOND_FACTOR : ALONE

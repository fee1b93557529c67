/** How long a password must be (ASVS 5.0 6.2.1, NIST SP 800-63B section 3.1.1.2). Nothing is asked of what it is made of. */

const WITH_SECOND_FACTOR = 8
const ALONE = 15

/** @param person `second_factor`: they have one, or set one up before they get in */
export const leastLength = (person: { second_factor: boolean }): number =>
  person.second_factor ? WITH_SECOND_FACTOR : ALONE

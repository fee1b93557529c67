/** What addresses are compared by: NFKC and lower case. They are kept and written to as typed. */
export const emailKey = (email: string): string => email.normalize('NFKC').trim().toLowerCase()

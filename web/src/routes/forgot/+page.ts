/** As the sign-in page: a form that needs no scripts. */
export const csr = false

/** As the sign-in page: nobody needs a script here. */
export const csr = false

/** A form that works without scripts needs no framework: the first page that people see weighs next to nothing. */
export const csr = false

/** What is shared: documents or folders of one project. */
export type SharedThing = { id: string; name: string }

/** A help text as a page draws it: no HTML, which the Content-Security-Policy (trusted types) would refuse anyway. */
export type HelpNode =
  string | { tag: string; href?: string; src?: string; alt?: string; children: HelpNode[] }

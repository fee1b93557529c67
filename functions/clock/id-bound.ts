/** Between which ids a stretch of the derived bucket lies, whose keys begin with a version's id. Pure. */

/** The smallest (`fill` 0) or largest (f) id whose files may lie at a key. Not exact: for looking into an index. */
export function boundOf(key: string, fill: '0' | 'f'): string {
  const first = /^[0-9a-f-]{0,36}/.exec(key)?.[0].replaceAll('-', '') ?? ''
  return first
    .slice(0, 32)
    .padEnd(32, fill)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

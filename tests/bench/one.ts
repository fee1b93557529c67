/** One file of this folder for run.ts, which gets its rows as a message. */
import type { Row } from './row.ts'

const [, , file = ''] = process.argv
const bench: { run?: () => Promise<Row[]> } = await import(new URL(`../../${file}`, import.meta.url).href)
process.send?.((await bench.run?.()) ?? [], () => process.exit())

/**
 * `npm run bench`: every file of this folder that exports `rows`, one after the other, then docs/benchmarks.md's table.
 *
 *   node tests/bench/run.ts [--only PATTERN]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { type Row, printRows } from './row.ts'

const FILE = new URL('../../docs/benchmarks.md', import.meta.url)
const BEGIN = '<!-- npm run bench writes from here -->'
const END = '<!-- to here -->'
const { values } = parseArgs({ options: { only: { type: 'string' } } })

const found: Row[] = []
for (const file of (await Array.fromAsync(glob('tests/bench/*.ts'))).sort()) {
  if (/\/(run|row)\.ts$/.test(file) || (values.only && !file.includes(values.only))) continue
  const bench: { run?: () => Promise<Row[]> } = await import(new URL(`../../${file}`, import.meta.url).href)
  if (!bench.run) continue
  process.stdout.write(`${file}\n`)
  const rows = await bench.run()
  printRows(rows)
  found.push(...rows)
}

if (!values.only) {
  const line = (row: Row) =>
    `| ${row.what} | ${row.figure} | ${row.peer ?? ''} | ${row.ratio?.toFixed(2) ?? ''} | ${row.must} | ${row.aim} | ${row.holds ? 'yes' : '**no**'} |`
  const table = [
    BEGIN,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
    '',
    '| what | measured | peer, in the same run | ratio | must | aim | must holds |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...found.map(line),
    '',
    END
  ].join('\n')
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : `# Benchmarks\n\n${BEGIN}\n${END}\n`
  const page = before.slice(0, before.indexOf(BEGIN)) + table + before.slice(before.indexOf(END) + END.length)
  const style = await resolveConfig(FILE)
  writeFileSync(FILE, await format(page, { ...style, parser: 'markdown' }))
}
process.exit(found.every((row) => row.holds) ? 0 : 1)

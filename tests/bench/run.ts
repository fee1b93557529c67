/**
 * `npm run bench`: every file of this folder that exports `run`, one after the other, then docs/benchmarks.md's table.
 * Each in a process of its own: what one leaves behind, a server or a full memory, is not measured by the next.
 *
 *   node tests/bench/run.ts [--only PATTERN]
 */
import { fork } from 'node:child_process'
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

const ONE = new URL('./one.ts', import.meta.url)

/** The rows of one file; none when it measures nothing by itself. Throws when it fails. */
function measure(file: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    let rows: Row[] = []
    const child = fork(ONE, [file])
    child.on('message', (said) => (rows = said as Row[]))
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve(rows) : reject(new Error(`${file} ended with ${code}`))))
  })
}

const found: Row[] = []
const failed: string[] = []
for (const file of (await Array.fromAsync(glob('tests/bench/*.ts'))).sort()) {
  if (/\/(run|one|row|plans|access-world)\.ts$/.test(file) || (values.only && !file.includes(values.only)))
    continue
  process.stdout.write(`${file}\n`)
  const rows = await measure(file).catch((error: Error) => {
    failed.push(error.message)
    return []
  })
  printRows(rows)
  found.push(...rows)
}

if (!values.only && failed.length === 0) {
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
for (const failure of failed) process.stdout.write(`✗ ${failure}\n`)
process.exit(failed.length === 0 && found.every((row) => row.holds) ? 0 : 1)

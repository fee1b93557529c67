/** One line of docs/benchmarks.md: what was measured, and against whom in the same run. */
export type Row = {
  what: string
  /** As measured, with its unit. */
  figure: string
  /** Who it is compared with, and their figure in the same run. */
  peer?: string
  /** Ours over the peer's where more is better, the inverse where less is; 1 is a draw. */
  ratio?: number
  must: string
  aim: string
  /** Does it hold the must? */
  holds: boolean
}

/** The p-th percentile (0…1) of some numbers, by nearest rank. */
export function percentile(numbers: number[], p: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * p) - 1))] ?? Number.NaN
}

/** Milliseconds with one decimal. */
export const ms = (value: number): string => `${value.toFixed(1)} ms`

/** Prints rows when a bench file is run alone. */
export function printRows(rows: Row[]): void {
  for (const row of rows)
    process.stdout.write(
      `${row.holds ? '✓' : '✗'} ${row.what}: ${row.figure}${row.peer ? ` against ${row.peer}` : ''}${
        row.ratio === undefined ? '' : `, ratio ${row.ratio.toFixed(2)}`
      } (must ${row.must}, aim ${row.aim})\n`
    )
}

/** What a scrape of a metrics port says, read by a parser that is not ours. */
import parse from 'parse-prometheus-text-format'

export type Scrape = {
  text: string
  names: string[]
  /** The sum of the samples of this name that have these labels. Throws when there is none of that name. */
  sum: (name: string, labels?: Record<string, string>) => number
}

export async function scrape(port: number): Promise<Scrape> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (answer.status !== 200) throw new Error(`the scrape was answered ${answer.status}`)
  const text = await answer.text()
  // Of histograms with labels the parser keeps one row; without their types each line is a sample of its own.
  const families = Map.groupBy(parse(text.replace(/^# .*$/gm, '')), (family) => family.name)
  return {
    text,
    names: [...families.keys()],
    sum: (name, labels = {}) => {
      const samples = families.get(name)?.flatMap((family) => family.metrics)
      if (!samples) throw new Error(`there is no ${name}`)
      return samples
        .filter((one) => Object.entries(labels).every(([key, value]) => one.labels?.[key] === value))
        .reduce((sum, one) => sum + Number(one.value), 0)
    }
  }
}

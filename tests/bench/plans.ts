/** How the server answers a question inside its functions, as auto_explain tells it: EXPLAIN sees no more than their call. */
import type pg from 'pg'

/** A node that was run, by its words and what came of it; those that never were say "never executed". */
const NODE = /^\s*(?:->\s+)?(\S.*?)\s+\(cost=\S+ rows=\d+ width=\d+\) \(actual rows=(\S+) loops=(\d+)\)$/
/** Reads a table or an index: what grows with the firm. */
const READS = /^(Seq|Index|Index Only|Bitmap Heap|Bitmap Index|Tid|Sample) Scan\b/
const BUFFERS = /^\s*Buffers: (.+)$/m
const QUERY = /^Query Text:\s*(.+)$/m

/** What was asked, what came of it with the buffers it took, and each node that reads, with its rows. */
function shorten(plan: string): string {
  const nodes = plan
    .slice(QUERY.exec(plan)?.index ?? 0)
    .split('\n')
    .map((line) => NODE.exec(line))
    .filter((found) => found !== null)
    .map(([, node = '', rows, loops]) => ({ node, came: `${Number(rows)} × ${loops}` }))
  const [whole, ...rest] = nodes
  const reading = rest.filter(({ node }) => READS.test(node))
  return [
    QUERY.exec(plan)?.[1]?.trim(),
    `  ${whole?.node}: ${whole?.came}, buffers ${BUFFERS.exec(plan)?.[1] ?? 'none'}`,
    ...reading.map(({ node, came }) => `    ${node}: ${came}`)
  ].join('\n')
}

/**
 * Asks as the application, once to warm the server, then with each statement inside explained (EXPLAIN ANALYZE, BUFFERS):
 * innermost first, rows × times they were asked for.
 *
 * @param client a superuser's: nobody else may switch auto_explain on
 */
export async function plansOf(client: pg.Client, text: string, values: unknown[]): Promise<string[]> {
  const told: string[] = []
  const listen = (notice: { message?: string | undefined }) => told.push(notice.message ?? '')
  await client.query(`
    load 'auto_explain';
    set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = on;
    set auto_explain.log_timing = off;
    set auto_explain.log_buffers = on;
    set auto_explain.log_level = notice;
    set role portico_app`)
  await client.query(text, values)
  await client.query('reset role; set auto_explain.log_min_duration = 0; set role portico_app')
  client.on('notice', listen)
  await client.query(text, values)
  client.off('notice', listen)
  await client.query('reset role; set auto_explain.log_min_duration = -1')
  return told.filter((one) => QUERY.test(one)).map(shorten)
}

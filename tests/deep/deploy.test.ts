/**
 * compose, chart and alerts before their own judges: the loader of docker compose, helm, kubeconform. Each is had by Go:
 *   go install github.com/compose-spec/compose-go/v2/cmd@latest   (as `compose-go` on the PATH)
 *   go install helm.sh/helm/v3/cmd/helm@latest github.com/yannh/kubeconform/cmd/kubeconform@latest
 * The alerts before Prometheus' own: promtool, of Debian's package `prometheus`.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { writeSchemas } from '../support/kubernetes-schemas.ts'

const has = (program: string): string | false =>
  spawnSync(program, ['--help']).error ? `no ${program} on the PATH` : false
const folder = mkdtempSync(join(tmpdir(), 'portico-deploy-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const CHART = 'infra/deploy/helm/portico'
const SETS = readdirSync(CHART).filter((name) => /^values-.+\.yaml$/.test(name))

function helm(...args: string[]): string {
  const run = spawnSync('helm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  assert.equal(
    run.status,
    0,
    `helm ${args.join(' ')}: ${run.stdout.slice(-2_000)}${run.stderr.slice(-2_000)}`
  )
  return run.stdout
}
const template = (set: string | null): string =>
  helm('template', 'portico', CHART, '-n', 'portico', '--kube-version', '1.32.0', ...valuesOf(set))
const valuesOf = (set: string | null): string[] => (set === null ? [] : ['-f', join(CHART, set)])

test('docker compose’s own loader takes the files', { skip: has('compose-go') }, () => {
  const at = join(folder, 'a/b/c')
  cpSync('infra/deploy/compose', at, { recursive: true })
  // This command looks no variables up; ORIGIN is the one that has to be set.
  for (const name of ['compose.yml', 'functions.yml']) {
    const file = join(at, name)
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/\$\{ORIGIN:\?[^}]*\}/g, 'https://portal.example.com')
    )
  }
  const run = spawnSync('compose-go', ['compose.yml'], { cwd: at, encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  const { services } = parse(run.stdout)
  assert.ok(services.caddy && services.scan && services.postgres)
})

test('Caddy takes its file, with and without a name for S3 tools', { skip: has('caddy') }, () => {
  const args = ['adapt', '--config', 'infra/deploy/compose/Caddyfile', '--adapter', 'caddyfile']
  for (const tools of ['http://s3-tools.invalid', 'https://s3.portal.example.com']) {
    const env = { ...process.env, ORIGIN: 'https://portal.example.com', S3_TOOLS_ORIGIN: tools }
    const run = spawnSync('caddy', args, { encoding: 'utf8', env })
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /"front:8480"/)
  }
})

test('helm lints the chart with each set of values', { skip: has('helm') }, () => {
  for (const set of [null, ...SETS]) helm('lint', '--strict', CHART, ...valuesOf(set))
})

test('each set of values makes what its name says', { skip: has('helm') }, () => {
  const kinds = (set: string | null) =>
    new Set(
      [...template(set).matchAll(/^apiVersion: (\S+)\nkind: (\S+)/gm)].map(
        ([, api, kind]) => `${api} ${kind}`
      )
    )
  assert.ok(kinds('values-openfaas.yaml').has('openfaas.com/v1 Function'))
  assert.ok(kinds('values-knative.yaml').has('serving.knative.dev/v1 Service'))
  assert.ok(kinds(null).has('postgresql.cnpg.io/v1 Cluster'))
  assert.ok(!kinds('values-outside.yaml').has('postgresql.cnpg.io/v1 Cluster'))
  assert.ok(kinds('values-backup.yaml').has('postgresql.cnpg.io/v1 ScheduledBackup'))
  assert.ok(kinds('values-backup.yaml').has('batch/v1 CronJob'))
})

test('a store elsewhere: the front is told where it is, and may go there', { skip: has('helm') }, () => {
  const made = (set: string | null) => parseAllDocuments(template(set)).map((one) => one.toJS())
  const of = (set: string | null, kind: string, name: string) =>
    made(set).find((one) => one?.kind === kind && one.metadata.name === name)
  const storeOf = (set: string | null) =>
    of(set, 'Deployment', 'portico-front').spec.template.spec.containers[0].env.find(
      (one: { name: string }) => one.name === 'STORE_URL'
    ).value
  const waysOf = (set: string | null, name: string) =>
    of(set, 'NetworkPolicy', name).spec.egress.flatMap(
      (one: { ports?: { port: number }[] }) => one.ports ?? []
    )
  assert.equal(storeOf(null), 'http://portico-store:9000')
  assert.deepEqual(waysOf(null, 'portico-front'), [])
  assert.equal(storeOf('values-outside.yaml'), 'https://s3.example.com')
  for (const name of ['portico-front', 'portico-to-store', 'portico-parts-to-store'])
    assert.deepEqual(waysOf('values-outside.yaml', name), [{ port: 443 }], name)
})

test('rules may act: their function reaches the gateway', { skip: has('helm') }, () => {
  for (const set of [null, ...SETS]) {
    const text = template(set)
    assert.match(
      text,
      /portico\/function: automations\n(?: +portico\/.*\n)* +portico\/gateway: "true"/,
      String(set)
    )
  }
})

test('kubeconform finds nothing that Kubernetes, CloudNativePG or Knative would refuse', async (t) => {
  const missing = has('helm') || has('kubeconform') || has('go')
  if (missing) return t.skip(missing)
  const schemas = join(folder, 'schemas')
  if (!writeSchemas(schemas)) return t.skip('the Go modules with the schemas cannot be had')
  const judge = (input: string) =>
    spawnSync(
      'kubeconform',
      [
        ...['-strict', '-summary', '-skip', 'Function'], // OpenFaaS publishes its schema as no module
        ...['-schema-location', join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json')]
      ],
      { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
    )
  for (const set of [null, ...SETS]) {
    const { status, stdout, stderr } = judge(template(set))
    assert.equal(status, 0, `${set}: ${stdout}${stderr}`)
    assert.match(stdout, /Invalid: 0, Errors: 0/)
  }
  const wrong = template(null).replaceAll('policyTypes:', 'policyType:')
  assert.notEqual(judge(wrong).status, 0, 'a field that is not there would be found')
})

const RULES = resolve('infra/deploy/prometheus-rules.yml')

/** Of each alert: what Prometheus sees, minute by minute, and when it has to call. */
const CALLS = [
  ['PorticoJobsGivenUp', 'portico_jobs_ended_total{kind="scan",outcome="dead"}', '0 0 1 1 1 1', '2m'],
  ['PorticoJobsWait', 'portico_jobs_oldest_due_seconds{kind="scan"}', '300x10', '6m']
] as const

test('promtool takes the alerts, and they call when they should', { skip: has('promtool') }, () => {
  const check = (file: string) => spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
  const { status, stdout, stderr } = check(RULES)
  assert.equal(status, 0, stdout + stderr)
  const wrong = join(folder, 'wrong.yml')
  writeFileSync(wrong, readFileSync(RULES, 'utf8').replace('sum by (kind)', 'sum by kind'))
  assert.notEqual(check(wrong).status, 0, 'an expression that cannot be read would be found')
  const at = (time: string, alertname: string, alerts: object[]) => ({
    eval_time: time,
    alertname,
    exp_alerts: alerts
  })
  const { groups } = parse(readFileSync(RULES, 'utf8'))
  const annotationsOf = (name: string) =>
    groups
      .flatMap((group: { rules: { alert: string; annotations: Record<string, string> }[] }) => group.rules)
      .find((rule: { alert: string }) => rule.alert === name)?.annotations
  const filled = (name: string) =>
    Object.fromEntries(
      Object.entries<string>(annotationsOf(name)).map(([key, text]) => [
        key,
        text.replace('{{ $labels.kind }}', 'scan')
      ])
    )
  const file = join(folder, 'calls.yml')
  writeFileSync(
    file,
    JSON.stringify({
      rule_files: [RULES],
      evaluation_interval: '1m',
      tests: CALLS.map(([name, series, values, time]) => ({
        interval: '1m',
        input_series: [{ series, values }],
        alert_rule_test: [
          at('1m', name, []),
          at(time, name, [
            { exp_labels: { severity: 'warning', kind: 'scan' }, exp_annotations: filled(name) }
          ])
        ]
      }))
    })
  )
  const ran = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' })
  assert.equal(ran.status, 0, ran.stdout + ran.stderr)
})

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { readSettings } from '../../runtime/config.ts';
import { metricList, metricPrefix } from '../../runtime/metrics.ts';
import { isInstalled } from '../services/tools.ts';

const repository = resolve(import.meta.dirname, '../..');
const deploy = join(repository, 'deploy');

/** Metrics of ours by name, without the endings that Prometheus gives to those of a histogram. */
const ours = Object.keys(metricList).map((name) => `${metricPrefix}${name}`);

interface Panel {
  readonly title?: string;
  readonly type: string;
  readonly fieldConfig: { readonly defaults: { readonly unit?: string } };
  readonly targets: readonly { readonly expr: string }[];
}

/** Runs a program in a folder; gives its exit code and everything that it said. */
function run(folder: string, program: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

function metricsIn(text: string): readonly string[] {
  return text.match(/\b(createcustomer|process|nodejs)_[a-z0-9_]+/g) ?? [];
}

function isKnown(metric: string): boolean {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const names = [...ours, ...registry.getMetricsAsArray().map(({ name }) => name)];
  registry.clear();
  return names.includes(metric) || names.includes(metric.replace(/_(bucket|count|sum)$/, ''));
}

test.runIf(isInstalled('promtool'))(
  'When Prometheus reads the rules, then they are valid, and fire when they should',
  () => {
    const folder = join(deploy, 'prometheus');
    for (const args of [
      ['check', 'config', 'prometheus.yml'],
      ['test', 'rules', 'alerts.test.yml'],
    ]) {
      expect(run(folder, 'promtool', args)).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
    }
  },
);

test('When a rule or a panel names a metric, then there is one of this name', () => {
  for (const file of ['prometheus/alerts.yml', 'grafana/createcustomer.json']) {
    const metrics = metricsIn(readFileSync(join(deploy, file), 'utf8'));
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((metric) => !isKnown(metric))).toEqual([]);
  }
});

test('When the dashboard is opened, then each panel has a title, a unit and something to show', () => {
  const { panels } = JSON.parse(readFileSync(join(deploy, 'grafana/createcustomer.json'), 'utf8')) as {
    panels: Panel[];
  };
  for (const { title, fieldConfig, targets } of panels) {
    expect(title).toMatch(/\S/);
    expect(fieldConfig.defaults.unit).toMatch(/\S/);
    expect(targets.flatMap(({ expr }) => metricsIn(expr)).length).toBeGreaterThanOrEqual(targets.length);
  }
  const shown = metricsIn(JSON.stringify(panels)).map((metric) => metric.replace(/_(bucket|count)$/, ''));
  expect(ours.filter((metric) => !shown.includes(metric))).toEqual([]);
});

test.runIf(isInstalled('systemd-analyze'))('When systemd reads the units, then it finds nothing wrong', () => {
  const folder = join(deploy, 'systemd');
  const units = readdirSync(folder).map((name) => join(folder, name.replace('@.', '@1.')));
  expect(units.length).toBe(4);
  const said = units.map((unit) =>
    run(folder, 'systemd-analyze', ['verify', '--man=no', '--recursive-errors=one', unit]),
  );
  expect(said).toEqual(units.map(() => ({ status: 0, said: '' })));
});

test('When the lines with redis_url are removed from a unit, then it keeps the database, the keys and the rest', () => {
  const folder = join(deploy, 'systemd');
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    const [removed, kept] = [true, false].map((isRemoved) =>
      lines.filter((line) => line.includes('redis_url') === isRemoved),
    );
    expect(removed).toEqual([
      'LoadCredential=redis_url:/etc/createcustomer/secrets/redis_url',
      'Environment=REDIS_URL_FILE=%d/redis_url',
    ]);
    for (const setting of ['DATABASE_URL_FILE=%d/database_url', 'SECRET_KEYS_FILE=%d/secret_keys']) {
      expect(kept?.join('\n')).toContain(setting);
    }
  }
});

test.runIf(isInstalled('docker-compose'))('When Compose reads its files, then they are valid', () => {
  for (const file of ['docker-compose.yml', 'deploy/databases.yml']) {
    expect(run(repository, 'docker-compose', ['--file', file, 'config', '--quiet'])).toEqual({ status: 0, said: '' });
  }
});

test.runIf(isInstalled('openssl'))('When secrets are made, then the service takes them, and they are made once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-secrets-'));
  cpSync(join(deploy, 'make-secrets.sh'), join(folder, 'make-secrets.sh'));
  expect(run(folder, './make-secrets.sh', [])).toEqual({ status: 0, said: expect.stringContaining('made') });
  const files = readdirSync(join(folder, 'secrets'));
  const secrets = files.map((name) => readFileSync(join(folder, 'secrets', name), 'utf8'));
  const paths = Object.fromEntries(files.map((name) => [`${name.toUpperCase()}_FILE`, join(folder, 'secrets', name)]));
  const compose = readFileSync(join(repository, 'docker-compose.yml'), 'utf8');
  expect(readSettings(paths)).toMatchObject({ REDIS_URL: expect.stringMatching(/@redis:6379$/) });
  for (const name of files) expect(compose).toContain(`${name}: {file: deploy/secrets/${name}}`);
  expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  expect(run(folder, './make-secrets.sh', []).said).not.toContain('made');
  expect(files.map((name) => readFileSync(join(folder, 'secrets', name), 'utf8'))).toEqual(secrets);
  rmSync(folder, { recursive: true, force: true });
});

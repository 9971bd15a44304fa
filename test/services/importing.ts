import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { createTestDatabase } from './database.ts';
import { type QueueKind, queueSettings } from './queues.ts';
import { program, type Service, serviceSettings, startService } from './service.ts';

/** A run of `createcustomer import` that goes on. */
export interface ImportRun {
  readonly kill: (signal: NodeJS.Signals) => boolean;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<ImportEnd>;
}

export interface ImportEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built program with `import …`, in a folder, with the bytes given on standard input. */
export function startImport(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  options: { readonly folder: string; readonly input?: string | Buffer },
): ImportRun {
  const { folder, input } = options;
  const child = spawn(process.execPath, [program, 'import', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...settings },
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
  const ended = once(child, 'close').then(([code]) => ({ code, stdout: text(out), stderr: text(err) }));
  return { kill: (signal) => child.kill(signal), stdout: () => text(out), stderr: () => text(err), ended };
}

/** A CSV text; cells are quoted where they must be. */
export function csv(header: string, rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown) =>
    /[",\n\r]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : value;
  return `${[header, ...rows.map((row) => row.map(cell).join(','))].join('\n')}\n`;
}

/** The usual header, and so many good rows; their names begin with `stem`. */
export function goodRows(stem: string, count: number): string {
  return csv(
    'name,web_password',
    Array.from({ length: count }, (_, n) => [`${stem} ${n}`, 'correct7horse']),
  );
}

/** A database, a queue and a folder for imports. */
export async function openImportPlace(kind: QueueKind) {
  const database = await createTestDatabase();
  const settings = { ...serviceSettings(database.url), ...queueSettings(kind) };
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-import-'));
  const workers: Service[] = [];
  const path = (name: string) => join(folder, name);

  return {
    ...{ db: database.db, settings, folder, path },
    write: (name: string, content: string | Buffer) => writeFileSync(path(name), content),
    read: (name: string) => readFileSync(path(name), 'utf8'),
    has: (name: string) => existsSync(path(name)),
    /** The rows of a report, as objects by its header. */
    rows: (name: string): readonly Readonly<Record<string, string>>[] =>
      parse(readFileSync(path(name)), { columns: true, bom: true }),
    async startWorker(): Promise<Service> {
      const worker = await startService(settings, ['--role', 'worker']);
      workers.push(worker);
      return worker;
    },
    start: (args: readonly string[], input?: string | Buffer) =>
      startImport(args, settings, { folder, ...(input === undefined ? {} : { input }) }),
    /** Runs an import to its end. */
    run: (args: readonly string[], input?: string | Buffer): Promise<ImportEnd> =>
      startImport(args, settings, { folder, ...(input === undefined ? {} : { input }) }).ended,
    async countNamed(stem: string): Promise<number> {
      const [row] = await database.db('customers').where('name', 'like', `${stem}%`).count({ count: '*' });
      return Number(row?.count);
    },
    async close() {
      for (const worker of workers) {
        if (worker.process.exitCode === null && worker.process.signalCode === null) await worker.stop();
      }
      rmSync(folder, { recursive: true, force: true });
      await database.drop();
    },
  };
}

export type ImportPlace = Awaited<ReturnType<typeof openImportPlace>>;

/** The line of JSON with which an import ends. */
export function summaryOf({ stdout }: ImportEnd): Readonly<Record<string, unknown>> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

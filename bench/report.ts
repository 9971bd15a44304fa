import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from './measure-calls.ts';
import { toPlot } from './plot.ts';
import { median } from './statistics.ts';
import { type Row, toTable } from './table.ts';

/** One contestant at one number of connections, round by round. */
export interface Series {
  readonly name: string;
  readonly connections: number;
  readonly measured: readonly Measured[];
}

/** Where reports go; not part of the repository. */
const folder = join(import.meta.dirname, 'results');

function line({ name, connections, measured }: Series): string {
  const middle = (what: (one: Measured) => number) => median(measured.map(what));
  const cells = [
    name,
    connections,
    Math.round(middle((one) => one.perSecond)),
    middle((one) => one.p50).toFixed(1),
    middle((one) => one.p99).toFixed(1),
    Math.round(middle((one) => one.cpuUs)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function toMarkdown(series: readonly Series[], rows: readonly Row[]): string {
  return [
    '# createCustomer, the full call of 62 members',
    '',
    'Medians of all rounds. Processor time is that of the contestant, PostgreSQL and Redis together, for a call.',
    '',
    '| contestant | connections | calls/s | p50 ms | p99 ms | processor time µs |',
    '| --- | --: | --: | --: | --: | --: |',
    ...series.map(line),
    '',
    '```',
    toTable(rows),
    '```',
    '',
    '![rates](throughput.svg)',
    '',
  ].join('\n');
}

/** Writes the table and the plot into bench/results/, and prints the table. */
export function writeReport(series: readonly Series[], rows: readonly Row[]): void {
  mkdirSync(folder, { recursive: true });
  const markdown = toMarkdown(series, rows);
  writeFileSync(join(folder, 'throughput.md'), markdown);
  const points = series.map(({ name, connections, measured }) => ({
    name,
    x: connections,
    y: median(measured.map((one) => one.perSecond)),
  }));
  writeFileSync(join(folder, 'throughput.svg'), toPlot(points));
  console.log(markdown);
}

import { groupBy } from './group-by.ts';
import type { Call } from './load.ts';
import type { Round } from './plan.ts';
import { beyondLockMs } from './plan.ts';
import type { Findings, Verdict } from './verify.ts';

/** What one fault, or all together, did to the calls that were sent into it. */
export interface Tally {
  readonly calls: number;
  readonly acknowledged: number;
  readonly repeated: number;
  readonly givenUp: number;
  readonly doubled: number;
  readonly lost: number;
  readonly denied: number;
  readonly late: number;
}

/** Counts calls by how they ended and what the database says against them. */
export function tally(calls: readonly Call[], { verdicts }: Findings): Tally {
  const count = (name: keyof Verdict) => calls.filter((call) => verdicts.get(call)?.[name]).length;
  return {
    calls: calls.length,
    acknowledged: calls.filter(({ end }) => typeof end === 'object' && 'i_customer' in end).length,
    repeated: calls.filter(({ attempts }) => attempts.length > 1).length,
    givenUp: calls.filter(({ end }) => end === 'given up').length,
    doubled: count('doubled'),
    lost: count('lost'),
    denied: count('denied'),
    late: count('late'),
  };
}

function nameOf({ fault, target, manner, lastsMs }: Round): string {
  if (fault === 'cut') return `${target} cut off (${manner})`;
  if (fault === 'kill') return `${target} killed`;
  return `${target} frozen${lastsMs >= beyondLockMs ? ' beyond the lock' : ''}`;
}

const heading = ['step', 'fault', 'times', 'calls', 'acknowledged', 'repeated', 'given up'];
const verdictHeading = ['doubled', 'lost', 'denied', 'late'];

function cellsOf(step: string, fault: string, counts: Tally & { readonly times: number }): readonly string[] {
  const { times, calls, acknowledged, repeated, givenUp, doubled, lost, denied, late } = counts;
  const numbers = [times, calls, acknowledged, repeated, givenUp, doubled, lost, denied, late];
  return [step, fault, ...numbers.map(String)];
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** The report: a line for each step and fault, and one for all. */
export function toTable(rounds: readonly Round[], calls: readonly Call[], findings: Findings): string {
  const groups = groupBy(rounds.keys(), (number) => {
    const round = rounds[number];
    return round ? `${round.moment}\t${nameOf(round)}` : '';
  });
  const lines = [...groups].map(([name, numbers]) => {
    const [step = '', fault = ''] = name.split('\t');
    const own = calls.filter(({ round }) => numbers.includes(round));
    return cellsOf(step, fault, { times: numbers.length, ...tally(own, findings) });
  });
  const total = cellsOf('all', '', { times: rounds.length, ...tally(calls, findings) });
  return align([[...heading, ...verdictHeading], ...lines.toSorted(), total]);
}

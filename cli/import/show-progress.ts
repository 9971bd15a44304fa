import { jsonLine } from '../print-table.ts';
import { say } from '../say.ts';
import type { Progress } from './progress.ts';

/** Shows how far an import is. */
export interface Display {
  show(progress: Progress): void;
  /** A sentence beside the progress, on standard error. */
  notice(sentence: string): void;
  /** Nothing more is shown; the line of a terminal is free again. */
  end(): void;
  readonly everyMs: number;
}

const terminalEveryMs = 200;
const programEveryMs = 1000;
const plainEveryMs = 5000;
const barWidth = 20;

/** A whole number with its thousands apart. */
export function amount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A time as people say it. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function words({ read, accepted, created, failed, rowsPerSecond, secondsLeft }: Progress): string {
  const counts = `read ${amount(read)}  accepted ${amount(accepted)}  created ${amount(created)}  failed ${amount(failed)}`;
  const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`;
  return `${counts}  ${amount(rowsPerSecond)} rows/s${left}`;
}

function bar({ created, failed }: Progress, total: number | undefined): string {
  if (total === undefined || total === 0) return '';
  const share = Math.min(1, (created + failed) / total);
  const full = Math.round(share * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${Math.floor(share * 100)}%  `;
}

function warn(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

function onTerminal(total: number | undefined): Display {
  const clear = '\r\u001b[K';
  return {
    everyMs: terminalEveryMs,
    show(progress) {
      const line = bar(progress, total) + words(progress);
      process.stdout.write(clear + line.slice(0, (process.stdout.columns || 80) - 1));
    },
    notice(sentence) {
      process.stdout.write(clear);
      warn(sentence);
    },
    end: () => process.stdout.write(clear),
  };
}

function forPrograms(): Display {
  return {
    everyMs: programEveryMs,
    show: (progress) => say(jsonLine({ event: 'progress', ...progressFields(progress) })),
    notice: warn,
    end() {},
  };
}

function plain(): Display {
  return { everyMs: plainEveryMs, show: (progress) => say(words(progress)), notice: warn, end() {} };
}

/** The members that programs read. */
export function progressFields({ createdBefore, rowsPerSecond, secondsLeft, seconds, ...counts }: Progress) {
  return {
    read: counts.read,
    accepted: counts.accepted,
    created: counts.created,
    created_before: createdBefore,
    failed: counts.failed,
    seconds: Math.round(seconds * 1000) / 1000,
    rows_per_second: Math.round(rowsPerSecond),
    ...(secondsLeft === undefined ? {} : { seconds_left: Math.round(secondsLeft) }),
  };
}

/** A bar on a terminal, lines of JSON for programs, and plain lines otherwise. `total` is the number of rows, if it is known. */
export function openDisplay(options: { readonly json: boolean; readonly total: number | undefined }): Display {
  if (options.json) return forPrograms();
  return process.stdout.isTTY ? onTerminal(options.total) : plain();
}

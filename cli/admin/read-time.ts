import { OperatorError } from '../operator-error.ts';
import { quoted } from '../quoted.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const ago = /^(\d{1,6})([smhdw])$/;
const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;

/** A day of the calendar: V8 reads the 30th of February as a day of March. */
function isDay(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function readIso(text: string): Date | undefined {
  const [, date = '', time = '00:00', zone = 'Z'] = iso.exec(text) ?? [];
  const moment = new Date(`${date}T${time}${zone.replace(/^(.\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`);
  return isDay(date) && !Number.isNaN(moment.getTime()) ? moment : undefined;
}

/** An age may reach further back than PostgreSQL counts years; nothing of ours is older than 1970. */
function before(now: Date, count: number, unit: string): Date {
  return new Date(Math.max(0, now.getTime() - count * (unitMs[unit] ?? 0)));
}

/**
 * A point in time: ISO 8601, UTC where no zone is named, or an age such as 30m, 2h or 7d, counted back from `now`.
 * @throws OperatorError, which calls it by `what`, when the text is neither
 */
export function readTime(text: string, what: string, now = new Date()): Date {
  const [, count, unit = ''] = ago.exec(text) ?? [];
  const moment = count === undefined ? readIso(text) : before(now, Number(count), unit);
  if (moment) return moment;
  throw new OperatorError(
    `${what} must be a time such as 2026-01-31, 2026-01-31T12:00:00Z, 30m, 2h or 7d, not ${quoted(text)}.`,
  );
}

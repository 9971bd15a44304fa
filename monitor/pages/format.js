// How figures and times are written.

const second = 1000;
const few = 10;
const kibibyte = 1024;

const twoDigits = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/**
 * A number in few digits.
 * @param {number} value
 */
export function number(value) {
  if (Math.abs(value) < 1) return twoDigits.format(value);
  return Math.abs(value) < few ? oneDigit.format(value) : whole.format(value);
}

/**
 * A duration.
 * @param {number | null | undefined} ms
 */
export function duration(ms) {
  if (ms === undefined || ms === null) return '–';
  return ms < second ? `${number(ms)} ms` : `${number(ms / second)} s`;
}

/**
 * A size.
 * @param {number} bytes
 */
export function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let place = 0;
  let value = bytes;
  while (value >= kibibyte && place < units.length - 1) {
    value /= kibibyte;
    place += 1;
  }
  return `${number(value)} ${units[place]}`;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/**
 * A time of day, with the date where it is not today.
 * @param {string} iso
 */
export function time(iso) {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

/**
 * A time of day to the millisecond.
 * @param {string} iso
 */
export function exactTime(iso) {
  return `${time(iso)}.${String(new Date(iso).getMilliseconds()).padStart(3, '0')}`;
}

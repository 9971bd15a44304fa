import { maxInteger, trimmedLine, trimmedLineSays } from '../../schemas/member-kinds.ts';
import { OperatorError } from '../operator-error.ts';
import { quoted } from '../quoted.ts';

const longestName = 128;
const oneLine = new RegExp(trimmedLine, 'u');

/** What Node makes of an argument's bytes that are no UTF-8. */
const unreadable = '\ufffd';

/** The sizes that a number may have; ids by default. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** @throws OperatorError, which calls it by `what`, when the text is no whole number of the range */
export function readNumber(text: string, what: string, { from, to }: Range = { from: 1, to: maxInteger }): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new OperatorError(`${what} must be a whole number from ${from} to ${to}, not ${quoted(text)}.`);
}

function requireLine(text: string, what: string): void {
  if (text.includes(unreadable)) throw new OperatorError(`${what} is no UTF-8 text: look how the terminal encodes it.`);
  if (!oneLine.test(text)) throw new OperatorError(`${what} ${trimmedLineSays}.`);
}

/** A name as customers have them: 1 to 128 characters, one line, no white space at either end. */
export function readName(text: string, what: string): string {
  if (text === '' || [...text].length > longestName) {
    throw new OperatorError(`${what} must have 1 to ${longestName} characters.`);
  }
  requireLine(text, what);
  return text;
}

const truths: Readonly<Record<string, boolean>> = { yes: true, no: false, true: true, false: false, 1: true, 0: false };

/** Yes or no, also true, false, 1 and 0. */
export function readFlag(text: string, what: string): boolean {
  const truth = Object.hasOwn(truths, text) ? truths[text] : undefined;
  if (truth === undefined) throw new OperatorError(`${what} must be yes or no, not ${quoted(text)}.`);
  return truth;
}

/** Words between commas, without the white space around them; an empty text is no word. */
export function readWords(text: string, what: string): readonly string[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  for (const word of words) requireLine(word, what);
  return words;
}

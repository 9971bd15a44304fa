import type { SourceRecord } from './source-record.ts';

/** Where the text of a line stands in the file of failed rows when it cannot be taken as an object. */
const textMember = 'text';

/** Beyond any row, and within what can be written to the file of failed rows. */
const maxDepth = 32;

/** Every double can be told from its neighbours by so many digits; some writers always give as many. */
const maxDigits = 17;

/** In the text of an object that JSON.parse takes: a name, and a value that is no text, or the bracket that opens it. */
const member = /\s*[{,]\s*"([^"\\]*(?:\\.[^"\\]*)*)"\s*:\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"|([^\s"{}[\],:]+)|([{[]))/y;
const bracket = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g;
const numberParts = /^-?(\d+)(\.\d+)?(?:[eE].*)?$/;
const startOfNumber = /^[-\d]/;
const wholeNumber = /^-?\d+$/;

interface Reading {
  readonly problems: string[];
  /** Numbers that JavaScript would write otherwise, such as 1.50, as they stand in the line. */
  readonly numbers: Map<string, string>;
}

/** What is said of a number that a double would change; undefined for others. */
function findLoss(text: string): string | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return 'is too large for a number';
  if (wholeNumber.test(text) && !Number.isSafeInteger(value) && BigInt(value) !== BigInt(text)) {
    return 'has more digits than a number keeps: write it in quotes';
  }
  const [, whole = '', fraction = ''] = numberParts.exec(text) ?? [];
  const digits = (whole + fraction.slice(1)).replace(/^0+|0+$/g, '');
  if (value === 0 && digits !== '') return 'is too small for a number';
  const isCut = !wholeNumber.test(text) && digits.length > maxDigits;
  return isCut ? 'has more digits than a number keeps: write it in quotes' : undefined;
}

function readNumber(name: string, text: string, { problems, numbers }: Reading): void {
  const loss = findLoss(text);
  if (loss !== undefined) problems.push(`${JSON.stringify(name)} ${loss}`);
  else if (String(Number(text)) !== text) numbers.set(name, text);
}

/** Where an object or an array ends whose opening bracket stands right before, and how deep it is. */
function skipNested(text: string, from: number): { readonly end: number; readonly depth: number } {
  let open = 1;
  let depth = 1;
  bracket.lastIndex = from;
  while (open > 0) {
    const [part] = bracket.exec(text) ?? ['}'];
    if (part === '{' || part === '[') open += 1;
    else if (part === '}' || part === ']') open -= 1;
    depth = Math.max(depth, open);
  }
  return { end: bracket.lastIndex, depth };
}

/**
 * Looks at the text of an object for what JSON.parse passes over: members that stand twice, of which it takes the last, and
 * numbers that it rounds.
 */
function readMembers(text: string): Reading {
  const reading: Reading = { problems: [], numbers: new Map() };
  const names = new Set<string>();
  member.lastIndex = 0;
  for (let found = member.exec(text); found !== null; found = member.exec(text)) {
    const [, inQuotes = '', scalar, nested] = found;
    const name = inQuotes.includes('\\') ? (JSON.parse(`"${inQuotes}"`) as string) : inQuotes;
    if (names.has(name)) reading.problems.push(`${JSON.stringify(name)} stands twice in the object`);
    names.add(name);
    if (scalar !== undefined && startOfNumber.test(scalar)) readNumber(name, scalar, reading);
    if (nested === undefined) continue;
    const { end, depth } = skipNested(text, member.lastIndex);
    if (depth >= maxDepth) reading.problems.push(`${JSON.stringify(name)} is nested deeper than ${maxDepth} levels`);
    member.lastIndex = end;
  }
  return reading;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a line of NDJSON. A number keeps its own text where that is not how JavaScript writes it, so that it is not changed
 * in a member that holds text. A line that is no object, or of which readers of JSON would each make something else, has a
 * problem and its text as the only value.
 */
export function readObject(text: string): Pick<SourceRecord, 'values' | 'problem'> {
  const refuse = (problem: string) => ({ values: { [textMember]: text }, problem });
  const value = parse(text);
  if (value === undefined) return refuse('The line is no JSON');
  if (!isObject(value)) return refuse('The line is no JSON object');
  const { problems, numbers } = readMembers(text);
  if (problems.length > 0) return refuse(problems.join('\n'));
  if (numbers.size === 0) return { values: value };
  return { values: Object.fromEntries(Object.entries(value).map(([name, own]) => [name, numbers.get(name) ?? own])) };
}

import { Option } from 'commander';
import { type PolicyField, type PolicyRow, policyFields } from '../../db/password-policy-rows.ts';
import { readFlag, readName, readNumber, readWords } from './read-arguments.ts';

/** Options as the parser gives them. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

const longestPassword = 128;

/** For each kind of column: how its value is asked for, and how it is read. */
const kinds: Readonly<
  Record<PolicyField['kind'], { readonly hint: string; read(text: string, what: string): PolicyRow[string] }>
> = {
  name: { hint: '<name>', read: readName },
  length: { hint: '<number>', read: (text, what) => readNumber(text, what, { from: 1, to: longestPassword }) },
  flag: { hint: '<yes|no>', read: readFlag },
  words: { hint: '<words>', read: readWords },
};

/** The option that sets a column. */
export function toOption({ column, kind, says }: PolicyField): Option {
  const more = kind === 'words' ? ', separated by commas; an empty text for none' : '';
  return new Option(`--${column.replaceAll('_', '-')} ${kinds[kind].hint}`, `${says}${more}`);
}

/**
 * The columns that were given, read.
 * @throws OperatorError, which names the option, when one has another form
 */
export function readFields(flags: Flags): PolicyRow {
  const given = policyFields.flatMap((field) => {
    const option = toOption(field);
    const text = flags[option.attributeName()];
    return typeof text === 'string' ? [[field.column, kinds[field.kind].read(text, String(option.long))] as const] : [];
  });
  return Object.fromEntries(given);
}

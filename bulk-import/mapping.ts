import { createCustomerSchema } from '../schemas/create-customer.ts';
import { passwordHashMember } from '../schemas/password-hash.ts';
import { unknownParameter } from '../schemas/unknown-parameter.ts';
import { ImportProblem } from './import-problem.ts';

/** How the columns of a source become members of createCustomer. */
export interface Mapping {
  /** Members by the names of columns that are called otherwise. */
  readonly map: ReadonlyMap<string, string>;
  /** Members that every row has, as a cell would hold them. */
  readonly set: ReadonlyMap<string, string>;
  /** Columns that are no members. */
  readonly ignore: ReadonlySet<string>;
  /** The column with the idempotency key of each row. */
  readonly keyColumn?: string | undefined;
}

const memberNames = [...Object.keys(createCustomerSchema.properties), passwordHashMember];

/** The reference text prints this name with a stray apostrophe, and whoever copied it is understood. */
const knownNames = new Set([...memberNames, "i_password_policy'"]);

/** The columns that a file of failed rows has on top; it may be imported as it is once its rows are mended. */
export const reportColumns = ['line', 'code', 'message'] as const;

function unknown(name: string): string {
  return unknownParameter(name, memberNames).text;
}

/** @throws ImportProblem when a member that is set or mapped does not exist, or would be given twice */
export function requireMembers({ map, set }: Mapping): void {
  for (const member of set.keys()) {
    if (!knownNames.has(member)) throw new ImportProblem(`${unknown(member)} (in --set).`);
  }
  for (const [column, member] of map) {
    if (!knownNames.has(member)) throw new ImportProblem(`${unknown(member)} (in --map "${column}=${member}").`);
  }
}

/** The member that a column holds, or undefined when it holds none. */
export function memberOf(column: string, { map, ignore, keyColumn }: Mapping): string | undefined {
  const mapped = map.get(column);
  if (mapped !== undefined) return mapped;
  const isReport = (reportColumns as readonly string[]).includes(column);
  const isKeyAlone = column === keyColumn && !knownNames.has(column);
  return ignore.has(column) || isReport || isKeyAlone ? undefined : column;
}

function requireColumns(header: readonly string[], mapping: Mapping): void {
  const { map, ignore, keyColumn } = mapping;
  const named = [...map.keys(), ...ignore, ...(keyColumn === undefined ? [] : [keyColumn])];
  const missing = named.find((column) => !header.includes(column));
  if (missing === undefined) return;
  const there = header.map((column) => JSON.stringify(column)).join(', ');
  throw new ImportProblem(`There is no column ${JSON.stringify(missing)}; the header has ${there}.`);
}

/** Each of these groups must be there, in a column or by --set: no row could be created without. */
const needed: readonly (readonly string[])[] = [['i_tariff'], ['name'], ['web_password', passwordHashMember]];

function requireNeeded(given: ReadonlySet<string>): void {
  const missing = needed.filter((names) => !names.some((name) => given.has(name)));
  if (missing.length === 0) return;
  const names = missing.map((group) => group.join(' or ')).join(', ');
  throw new ImportProblem(`There is no column for ${names}: add it, or use --map COLUMN=MEMBER or --set MEMBER=VALUE.`);
}

/** What a column that no member is called like means: it is misspelt, or not meant for this. */
function requireKnown(columns: readonly string[]): void {
  const problems = columns.filter((column) => !knownNames.has(column)).map(unknown);
  if (problems.length === 0) return;
  const how = 'Use --map COLUMN=MEMBER for columns with other names, and --ignore COLUMN for others.';
  const isOne = columns.length === 1 && /[|:^~]/.test(columns[0] ?? '');
  const delimiter = isOne ? ['Use --delimiter CHARACTER when it is neither comma, semicolon nor tab.'] : [];
  throw new ImportProblem([...problems, how, ...delimiter].join('\n'));
}

/**
 * Checks that a header and a mapping fit: every column is a member, once, and nothing that each row needs is missing.
 * @throws ImportProblem that names every unknown column
 */
export function requireFitting(header: readonly string[], mapping: Mapping): void {
  requireColumns(header, mapping);
  const members = header.flatMap((column) => memberOf(column, mapping) ?? []);
  requireKnown(members);
  const all = [...members, ...mapping.set.keys()];
  const twice = all.find((member, at) => all.indexOf(member) !== at);
  if (twice !== undefined) {
    throw new ImportProblem(
      `${twice} is given twice: by columns, --map or --set. Use --ignore COLUMN for one of them.`,
    );
  }
  requireNeeded(new Set(all));
}

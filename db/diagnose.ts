import { faults, type Problem } from '../schemas/faults.ts';
import type { Database } from './connect.ts';
import type { Creation, CustomerMembers } from './customers.ts';
import { type PreparedStatement, runPrepared } from './prepared.ts';
import { numbersOf, treeRules } from './tree-rules.ts';

/** A call as far as it is known: the members that are of the right form, and who calls for which parent. */
export interface Asked extends Pick<Creation, 'mode'> {
  /** Undefined where the call names none: what depends on it is not looked at. */
  readonly i_wholesaler: number | undefined;
  readonly customer: Partial<CustomerMembers>;
  /** Undefined where no API password is asked for. */
  readonly api_ha1: string | undefined;
}

/** Lookup tables by the member that refers to them, with the column that it is compared with. */
const lookups: Readonly<Record<string, readonly [table: string, column: string]>> = {
  payment_currency: ['currencies', 'currency'],
  i_password_policy: ['password_policies', 'i_password_policy'],
  i_time_zone: ['time_zones', 'i_time_zone'],
  i_lang: ['languages', 'i_lang'],
  i_export_type: ['export_types', 'i_export_type'],
  start_page: ['start_pages', 'start_page'],
};

/** What must belong to the parent, by the member that refers to it: the table, its column, and the column of the owner. */
const ownedByParent: Readonly<Record<string, readonly [table: string, column: string, owner: string]>> = {
  i_tariff: ['tariffs', 'i_tariff', 'i_customer'],
  i_routing_group: ['routing_groups', 'i_routing_group', 'i_customer'],
  i_commission_agent: ['customers', 'i_customer', 'i_wholesaler'],
};

const uniqueMembers: readonly string[] = ['name', 'web_login', 'dns_alias'];

/** `OFFSET 0` keeps the planner from reading whole tables into memory: each row is looked up by its key. */
function missing(member: string, [table, column, owner]: readonly [string, string, string?]): string {
  const ofParent = owner === undefined ? '' : ` AND t.${owner} = given.i_wholesaler`;
  const applies = `(given.row).${member} IS NOT NULL${owner === undefined ? '' : ' AND given.i_wholesaler IS NOT NULL'}`;
  return `${applies} AND NOT EXISTS (SELECT FROM ${table} t WHERE t.${column} = (given.row).${member}${ofParent} OFFSET 0)`;
}

function taken(member: string): string {
  const form = (column: string) => (member === 'dns_alias' ? `lower(${column})` : column);
  return `EXISTS (SELECT FROM customers c WHERE ${form(`c.${member}`)} = ${form(`(given.row).${member}`)} OFFSET 0)`;
}

/** Each thing that can be wrong, with the SQL that is true when it is. */
const questions: readonly (readonly [wrong: string, problem: Problem])[] = [
  ...treeRules.map(({ broken, problem }) => [broken, problem] as const),
  ...Object.entries({ ...ownedByParent, ...lookups }).map(
    ([member, place]) => [missing(member, place), faults.wrongReference(member)] as const,
  ),
  ...uniqueMembers.map((member) => [taken(member), faults.inUse(member)] as const),
];

/** One row for each call: the numbers of the questions whose answer is yes. */
const ask: PreparedStatement = {
  name: 'diagnose',
  text: `
    WITH given AS MATERIALIZED (
      SELECT call.*, jsonb_populate_record(CAST(NULL AS customers), customer) AS row
      FROM jsonb_to_recordset($1::jsonb) AS call (
        n integer, mode text, i_wholesaler integer, api_ha1 text, customer jsonb)
    )
    SELECT ${numbersOf(questions.map(([wrong]) => wrong))} AS wrong
    FROM given LEFT JOIN customers AS parent ON parent.i_customer = given.i_wholesaler
    ORDER BY given.n`,
};

/**
 * Every problem of some calls that only the database knows: rules of the tree that they break, references that do not exist
 * or belong to another, and names that are taken. Asked once a call is refused, for a constraint reports one problem alone.
 * @returns the problems of each call, in order; none for a call with which nothing is wrong
 */
export async function diagnose(db: Database, asked: readonly Asked[]): Promise<readonly (readonly Problem[])[]> {
  const calls = asked.map((call, n) => ({ n, ...call }));
  const rows = await runPrepared<{ readonly wrong: readonly number[] }>(db, ask, [JSON.stringify(calls)]);
  return rows.map(({ wrong }) => wrong.flatMap((number) => questions[number]?.[1] ?? []));
}

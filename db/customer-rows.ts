import { createCustomerSchema, secretMembers } from '../schemas/create-customer.ts';
import { maxInteger } from '../schemas/member-kinds.ts';
import type { Database } from './connect.ts';
import { readPages } from './pages.ts';

/** What tells a customer from others, and what it may do with customers of its own. */
export interface CustomerHead {
  readonly i_customer: number;
  readonly name: string;
  readonly web_login: string | null;
  readonly max_depth: number;
  readonly customers_mgmt: number;
}

/** A line of a list of customers. */
export interface CustomerLine extends Omit<CustomerHead, 'customers_mgmt'> {
  readonly i_wholesaler: number | null;
  readonly api_access: number;
  readonly created_at: Date;
}

/** Every column that is no secret, by name; of the secrets, whether there is one. */
export type CustomerRow = Readonly<Record<string, string | number | boolean | Date | null>>;

const pageRows = 1000;

/** The columns of a `CustomerHead`. */
const headColumns = ['i_customer', 'name', 'web_login', 'max_depth', 'customers_mgmt'] as const;

const secrets: readonly string[] = secretMembers;
const members = Object.keys(createCustomerSchema.properties).filter((name) => !secrets.includes(name));

/** A list of what is shown, so that a secret that some day becomes a column stays hidden. */
const shownColumns = ['i_customer', ...members, 'created_at'];

/** As ids are printed: what begins with a zero can only be a name or a login. */
function toId(text: string): number | null {
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= maxInteger ? Number(text) : null;
}

/** The customers that a text may mean: those with this id, this name or this login. */
export async function findCustomers(db: Database, text: string): Promise<readonly CustomerHead[]> {
  return db('customers')
    .whereRaw('i_customer = CAST(? AS integer)', [toId(text)])
    .orWhere({ name: text })
    .orWhere({ web_login: text })
    .orderBy('i_customer')
    .select(headColumns);
}

/** Everything that may be shown of a customer; undefined when there is none of this id. */
export async function readCustomer(db: Database, i_customer: number): Promise<CustomerRow | undefined> {
  return db('customers')
    .where({ i_customer })
    .first(
      ...shownColumns,
      db.raw('web_password_hash IS NOT NULL AS has_web_password'),
      db.raw('api_ha1 IS NOT NULL AS has_api_password'),
    );
}

/** The customer and all above it, the root first. */
export async function readAncestors(db: Database, i_customer: number): Promise<readonly CustomerHead[]> {
  const { rows } = await db.raw(
    `WITH RECURSIVE line AS (
       SELECT customers.*, 0 AS distance FROM customers WHERE i_customer = ?
       UNION ALL
       SELECT parent.*, distance + 1 FROM line JOIN customers AS parent ON parent.i_customer = line.i_wholesaler
     )
     SELECT ${headColumns.join(', ')} FROM line ORDER BY distance DESC`,
    [i_customer],
  );
  return rows;
}

/** How many customers have this one as their parent. */
export async function countChildren(db: Database, i_customer: number): Promise<number> {
  const row = await db('customers').where({ i_wholesaler: i_customer }).count({ children: '*' }).first();
  return Number(row?.children ?? 0);
}

/** The customers of one parent, or all, page by page, in the order of their ids; at most `limit` of them. */
export async function* listCustomers(
  db: Database,
  {
    parent,
    limit = Number.POSITIVE_INFINITY,
  }: { readonly parent?: number | undefined; readonly limit?: number | undefined },
): AsyncGenerator<readonly CustomerLine[]> {
  let left = limit;
  const pages = readPages<CustomerLine>(pageRows, (after) =>
    db('customers')
      .where('i_customer', '>', after?.i_customer ?? 0)
      .modify((query) => parent !== undefined && query.where({ i_wholesaler: parent }))
      .orderBy('i_customer')
      .limit(pageRows)
      .select('i_customer', 'i_wholesaler', 'name', 'web_login', 'max_depth', 'api_access', 'created_at'),
  );
  for await (const page of pages) {
    yield page.slice(0, left);
    left -= page.length;
    if (left <= 0) return;
  }
}

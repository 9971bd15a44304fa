import type { Database } from './connect.ts';
import { readPages } from './pages.ts';
import type { UsedTable } from './remove-unused.ts';

/** A table whose rows belong to a customer, for its sub-customers to use. */
export interface OwnedTable extends UsedTable {
  /** Columns beside its id, the owner and the name. */
  readonly others: readonly string[];
}

/** A row as it is shown: the table's id, the owner's id and name, the row's own name, further columns. */
export interface OwnedRow {
  readonly [column: string]: string | number;
  readonly i_customer: number;
  readonly owner: string;
  readonly name: string;
}

const pageRows = 1000;

/** The rows of one owner, or of all, page by page, in the order of their ids. */
export function listOwned(db: Database, kind: OwnedTable, owner?: number): AsyncGenerator<readonly OwnedRow[]> {
  const id = `${kind.table}.${kind.id}`;
  const others = ['name', ...kind.others].map((column) => `${kind.table}.${column}`);
  return readPages<OwnedRow>(pageRows, (after) =>
    db(kind.table)
      .join('customers', 'customers.i_customer', `${kind.table}.i_customer`)
      .where(id, '>', after?.[kind.id] ?? 0)
      .modify((query) => owner !== undefined && query.where(`${kind.table}.i_customer`, owner))
      .orderBy(id)
      .limit(pageRows)
      .select(id, 'customers.i_customer', 'customers.name as owner', ...others),
  );
}

/**
 * Adds a row and gives its id.
 * @throws the driver's error when a constraint forbids it; `administration-problems.ts` reads it
 */
export async function addOwned(
  db: Database,
  kind: OwnedTable,
  row: Readonly<Record<string, string | number>>,
): Promise<number> {
  const [added] = await db(kind.table).insert(row, [kind.id]);
  return added[kind.id];
}

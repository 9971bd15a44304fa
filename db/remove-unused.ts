import type { Database } from './connect.ts';

/** A table that customers refer to; the column of `customers` has the name of its primary key. */
export interface UsedTable {
  readonly table: 'tariffs' | 'routing_groups' | 'password_policies';
  readonly id: 'i_tariff' | 'i_routing_group' | 'i_password_policy';
}

/** What was found under the id: its name, and how many customers use it. It was removed if there is none. */
export interface Removal {
  readonly name: string;
  readonly customers: number;
}

/** The last part reads what was there before the statement began. */
const removeIfUnused = `
  WITH used AS (
    SELECT CAST(count(*) AS integer) AS customers FROM customers WHERE :id: = :value
  ), removed AS (
    DELETE FROM :table: WHERE :id: = :value AND (SELECT customers FROM used) = 0
  )
  SELECT name, customers FROM :table:, used WHERE :id: = :value`;

/**
 * Removes a row that no customer uses; one that is used stays. Undefined when there is no such row.
 * @throws the driver's foreign key violation when a customer began to use it at this very moment
 */
export async function removeUnused(
  db: Database,
  { table, id }: UsedTable,
  value: number,
): Promise<Removal | undefined> {
  const { rows } = await db.raw(removeIfUnused, { table, id, value });
  return rows[0];
}

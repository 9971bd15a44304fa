import type { Database } from '../../db/connect.ts';
import { sealApiPassword } from '../../db/credentials.ts';
import { createSealer } from '../../runtime/seal.ts';
import { secretKeys } from '../services/constants.ts';
import { type Customer, root, type Tree } from './tree.ts';

const sealer = createSealer([Buffer.from(secretKeys, 'base64')]);

function credentials({ passwords }: Tree, { i_customer, web_login }: Customer): string | null {
  const password = passwords[i_customer];
  if (password === undefined || web_login === null) return null;
  return sealApiPassword(sealer, { login: web_login, realm: 'xmlapi', password });
}

/** Writes a tree below root into the database, with the ids that it was drawn with. */
export async function plant(db: Database, tree: Tree): Promise<void> {
  const planted = tree.customers.filter(({ i_customer }) => i_customer !== root.i_customer);
  const rows = planted.map((each) => ({ ...each, web_password_hash: 'none', api_ha1: credentials(tree, each) }));
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await db.raw(
    `INSERT INTO customers (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM json_populate_recordset(NULL::customers, ?)`,
    [JSON.stringify(rows)],
  );
  const owned = ({ id, owner }: { readonly id: number; readonly owner: number }) => ({
    i_customer: owner,
    name: `${id}`,
  });
  const tariffs = tree.tariffs.map((each) => ({ i_tariff: each.id, currency: each.currency, ...owned(each) }));
  const groups = tree.groups.map((each) => ({ i_routing_group: each.id, ...owned(each) }));
  if (tariffs.length > 0) await db('tariffs').insert(tariffs);
  if (groups.length > 0) await db('routing_groups').insert(groups);
}

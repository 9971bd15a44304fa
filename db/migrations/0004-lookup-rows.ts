import { currencies } from '../currencies.ts';
import { exportTypes, languages, startPages, timeZones } from '../lookup-rows.ts';

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

function insert(table: string, rows: readonly (readonly (string | number)[])[]): string {
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(',\n  ');
  return `INSERT INTO ${table} VALUES\n  ${values};\n`;
}

/** The rows of the reference's dictionaries, the currencies of ISO 4217 and the default password policy. */
export const lookupRows = [
  insert('time_zones', timeZones),
  insert('languages', languages),
  insert('export_types', exportTypes),
  insert('start_pages', startPages),
  insert(
    'currencies',
    currencies.map((currency) => [currency]),
  ),
  `INSERT INTO password_policies (i_password_policy, name) VALUES (1, 'Default');`,
].join('');

import { lookupTables } from './0001-lookup-tables.ts';
import { customerTree } from './0002-customer-tree.ts';
import { journal } from './0003-journal.ts';
import { lookupRows } from './0004-lookup-rows.ts';
import { claims } from './0005-claims.ts';
import { passwordClasses } from './0006-password-classes.ts';
import { imports } from './0007-imports.ts';
import { monitor } from './0008-monitor.ts';
import { keyForm } from './0009-key-form.ts';

/** Every migration in order. Append-only: what has been released never changes. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-lookup-tables', sql: lookupTables },
  { name: '0002-customer-tree', sql: customerTree },
  { name: '0003-journal', sql: journal },
  { name: '0004-lookup-rows', sql: lookupRows },
  { name: '0005-claims', sql: claims },
  { name: '0006-password-classes', sql: passwordClasses },
  { name: '0007-imports', sql: imports },
  { name: '0008-monitor', sql: monitor },
  { name: '0009-key-form', sql: keyForm },
];

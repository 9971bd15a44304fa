import type { OwnedTable } from './owned-rows.ts';

/** Tariffs: what a customer is charged by, in one currency. Its parent owns it. */
export const tariffs: OwnedTable = { table: 'tariffs', id: 'i_tariff', others: ['currency'] };

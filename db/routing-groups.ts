import type { OwnedTable } from './owned-rows.ts';

/** Routing groups: which ways the calls of a customer take. Its parent owns it. */
export const routingGroups: OwnedTable = { table: 'routing_groups', id: 'i_routing_group', others: [] };

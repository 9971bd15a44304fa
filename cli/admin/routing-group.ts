import type { Command } from 'commander';
import { routingGroups } from '../../db/routing-groups.ts';
import { defineOwned } from './owned.ts';

/** Adds `admin routing-group`. */
export function defineRoutingGroup(admin: Command): void {
  defineOwned(admin, {
    table: routingGroups,
    noun: 'routing group',
    purpose: 'what i_routing_group of a new customer may refer to',
    options: [],
    example: '--owner root --name Europe',
  });
}

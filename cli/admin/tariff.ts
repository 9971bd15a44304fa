import type { Command } from 'commander';
import { tariffs } from '../../db/tariffs.ts';
import { defineOwned } from './owned.ts';

/** Adds `admin tariff`. */
export function defineTariff(admin: Command): void {
  defineOwned(admin, {
    table: tariffs,
    noun: 'tariff',
    purpose: 'what i_tariff of a new customer may refer to',
    options: [{ column: 'currency', flags: '--currency <code>', says: 'its currency, an ISO 4217 code such as USD' }],
    example: '--owner root --name Gold --currency EUR',
  });
}

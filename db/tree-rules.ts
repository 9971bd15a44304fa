import { faults, type Problem } from '../schemas/faults.ts';

/**
 * A rule of the tree that customers live in. `broken` is SQL over `parent`, the row of the parent, and `given`, the call: its
 * `mode`, its `i_wholesaler`, its `api_ha1`, its `customer` as JSON, and `given.row`, the row that it asks for. True means broken; null
 * means that it does not apply.
 */
export interface TreeRule {
  readonly broken: string;
  readonly problem: Problem;
}

const rightMasks = ['accounts_mgmt', 'customers_mgmt', 'tariffs_mgmt', 'vouchers_mgmt', 'system_mgmt'];

const features = [
  'callshop_enabled',
  'overcommit_protection',
  'did_pool_enabled',
  'ivr_apps_enabled',
  'asr_acd_enabled',
  'debit_credit_cards_enabled',
  'conferencing_enabled',
  'share_payment_processors',
  'dncl_enabled',
];

function rule(broken: string, why: string): TreeRule {
  return { broken, problem: faults.permissionDenied(why) };
}

/** Holds for customers that act for themselves; a trusted host is bound by no rights. */
function right(broken: string, why: string): TreeRule {
  return rule(`given.mode = 'customer' AND ${broken}`, why);
}

function apiRight(member: string, isAsked: string): TreeRule {
  return right(`${isAsked} AND parent.api_mgmt = 0`, `${member} needs api_mgmt, which the parent lacks`);
}

/**
 * Who may create whom; docs/tree.md says it in plain words. The statement that inserts asks these rules under a lock on the
 * row of the parent, and the diagnosis asks the same expressions again.
 */
export const treeRules: readonly TreeRule[] = [
  {
    broken: 'given.i_wholesaler IS NOT NULL AND parent.i_customer IS NULL',
    problem: faults.wrongReference('i_wholesaler'),
  },
  right('(parent.customers_mgmt & 1) = 0', 'the parent may not add customers, its customers_mgmt lacks 1'),
  rule('parent.max_depth = 0', 'the parent can have no customers, its max_depth is 0'),
  rule(
    'parent.max_depth > 0 AND (given.row).max_depth >= parent.max_depth',
    'max_depth must be less than that of the parent',
  ),
  ...rightMasks.map((mask) =>
    right(`((given.row).${mask} & ~parent.${mask}) <> 0`, `${mask} grants a right that the parent lacks`),
  ),
  ...features.map((feature) =>
    right(`(given.row).${feature} AND NOT parent.${feature}`, `${feature} is a feature that the parent lacks`),
  ),
  right(
    '(given.row).use_own_tariff = 1 AND parent.use_own_tariff = 0',
    'use_own_tariff is a right that the parent lacks',
  ),
  right(
    `jsonb_exists(given.customer, 'i_tariff') AND (given.row).i_tariff IS NULL AND parent.use_own_tariff = 0`,
    'i_tariff may be nil only where the parent has use_own_tariff',
  ),
  apiRight('api_access', '(given.row).api_access = 1'),
  right('(given.row).api_mgmt = 1 AND parent.api_mgmt = 0', 'api_mgmt is a right that the parent lacks'),
  apiRight('api_password', 'given.api_ha1 IS NOT NULL'),
];

/** SQL for the numbers of the questions that are answered with yes, as an array. */
export function numbersOf(questions: readonly string[]): string {
  const numbers = questions.map((question, number) => `CASE WHEN ${question} THEN ${number} END`);
  return `array_remove(ARRAY[\n        ${numbers.join(',\n        ')}\n      ], NULL)`;
}

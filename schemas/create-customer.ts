import type { FromSchema } from 'json-schema-to-ts';
import {
  addresses,
  balance,
  code,
  credit,
  feature,
  flag,
  id,
  integer,
  maxInteger,
  nonNegative,
  password,
  percent,
  rateLimit,
  rights,
  sender,
  sessionLimit,
  text,
  trimmedLine,
  trimmedLineSays,
} from './member-kinds.ts';

const name = {
  type: 'string',
  minLength: 1,
  maxLength: 128,
  pattern: trimmedLine,
  'x-says': trimmedLineSays,
  description: 'Name of the customer, unique in the whole system',
} as const;

const webLogin = {
  type: 'string',
  minLength: 1,
  maxLength: 32,
  allOf: [
    { pattern: trimmedLine, 'x-says': trimmedLineSays },
    { pattern: '^[^:]*$', 'x-says': 'must not contain a colon' },
  ],
  'x-empty': 'absent',
  description:
    'Login to the self-care interface and to this API, unique in the whole system; by default the name, where it qualifies',
} as const;

const tariff = {
  type: ['integer', 'null'],
  minimum: 1,
  maximum: maxInteger,
  description: "Id of a tariff that the parent owns, or nil for the parent's own tariff",
} as const;

const dnsLabel = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const dnsAlias = {
  ...code(`^${dnsLabel}(\\.${dnsLabel})*$`, 'must be a host name', 'Host name for CSS branding, unique'),
  maxLength: 253,
} as const;

/** With API access, the login travels in an HTTP header, and there must be a password. */
const apiAccessNeedsCredentials = {
  if: { properties: { api_access: { const: 1 } }, required: ['api_access'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword.
  then: {
    required: ['api_password'],
    properties: {
      web_login: {
        pattern: '^[\\u0021\\u0023-\\u005b\\u005d-\\u007e]*$',
        'x-says': 'must be printable ASCII without quotes, backslashes and white space when api_access is 1',
      },
    },
  },
} as const;

/**
 * The one truth about the parameters of createCustomer: names, types, limits, defaults and descriptions.
 *
 * It describes the canonical form, after the lossless conversions of `convert.ts`. What only the database knows
 * (references, uniqueness, rights, the password policy) is not in it. Source: the reference text of createCustomer().
 */
export const createCustomerSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'create-customer',
  title: 'Parameters of createCustomer()',
  type: 'object',
  additionalProperties: false,
  required: ['i_tariff', 'name', 'web_password'],
  properties: {
    name,
    web_password: password('Password of the self-care interface; the password policy applies'),
    i_tariff: tariff,
    web_login: webLogin,
    i_routing_group: id('Id of a routing group that the parent owns'),
    balance: balance('Initial balance; positive means funds'),
    credit_limit: credit('Credit limit'),
    accounts_mgmt: rights('Rights to manage accounts'),
    customers_mgmt: rights('Rights to manage customers'),
    system_mgmt: rights('Rights to manage the system'),
    accounts_matching_rule: {
      ...text(255, 'Rule that matches accounts: a regular expression of PostgreSQL'),
      'x-empty': 'absent',
    },
    company_name: text(128, 'Company name'),
    salutation: text(16, 'Salutation: Mr., Ms., …'),
    first_name: text(128, 'First name'),
    last_name: text(128, 'Last name'),
    mid_init: text(16, 'Middle initial'),
    street_addr: text(128, 'Street address'),
    state: text(128, 'Province or state'),
    postal_code: text(16, 'Postal code'),
    city: text(128, 'City'),
    country: text(128, 'Country or region'),
    contact: text(128, 'Contact'),
    phone: text(64, 'Phone'),
    fax: text(64, 'Fax'),
    alt_phone: text(64, 'Alternative phone'),
    alt_contact: text(128, 'Alternative contact'),
    email: addresses('E-mail'),
    cc: addresses('Copies of e-mails go to'),
    bcc: addresses('Blind copies of e-mails go to'),
    mail_from: sender('"From" header of e-mails'),
    payment_currency: code(
      '^[A-Z]{3}$',
      'must be an ISO 4217 code of three capital letters',
      "Currency of payments, an ISO 4217 code; by default the tariff's, else the parent's",
    ),
    payment_method: integer(1, 32_767, 'Preferred method of payment'),
    min_payment_amount: nonNegative('Smallest amount of a payment'),
    api_access: flag('1 if the customer may call this API'),
    api_password: { ...password('Password of this API; mandatory when api_access is 1'), 'x-empty': 'absent' },
    api_mgmt: flag("1 if the customer may manage its sub-customers' API access"),
    i_commission_agent: id('i_customer of the commission agent, who has the same parent'),
    commission_size: percent('Commission in percent'),
    tariffs_mgmt: rights('Rights to manage tariffs'),
    max_depth: { ...integer(0, 32, 'Depth of the tree of sub-customers; less than that of the parent'), default: 0 },
    use_own_tariff: flag('1 if the customer may assign its own tariff'),
    vouchers_mgmt: rights('Rights to manage vouchers'),
    description: text(1024, 'Description'),
    i_password_policy: { ...id('Id of the password policy'), default: 1 },
    callshop_enabled: feature('Callshop'),
    overcommit_protection: feature('Overcommit protection'),
    overcommit_limit: nonNegative('Overcommit limit in percent'),
    did_pool_enabled: feature('DID pool'),
    ivr_apps_enabled: feature('IVR applications'),
    asr_acd_enabled: feature('ASR and ACD reports'),
    debit_credit_cards_enabled: feature('Saving of debit and credit cards'),
    conferencing_enabled: feature('Conferencing'),
    share_payment_processors: feature('Sharing of own payment processors'),
    dncl_enabled: feature('Look-ups in the do-not-call list'),
    i_time_zone: { ...id('Id of the time zone'), default: 370 },
    i_lang: {
      ...code('^[a-z]{2}$', 'must be a code of two small letters, such as en', 'Code of the language'),
      default: 'en',
    },
    i_export_type: { ...id('Id of the download format'), default: 1 },
    start_page: { ...id('Id of the page shown after log-in'), default: 1 },
    css: text(65_536, 'Body of the CSS style sheet for branding'),
    dns_alias: dnsAlias,
    max_sessions: sessionLimit('Limit of concurrent calls; nil or -1 means unlimited'),
    max_calls_per_second: rateLimit('Limit of the call rate, calls per second; nil or -1 means unlimited'),
    i_wholesaler: id('i_customer of the parent; trusted mode only'),
  },
  ...apiAccessNeedsCredentials,
} as const;

/** The parameters in canonical form, defaults filled in. `web_login` is absent where the customer has none. */
export type CreateCustomerParams = FromSchema<typeof createCustomerSchema>;

export type MemberName = keyof CreateCustomerParams & string;

/** Members whose values must never be stored, logged or queued in clear. */
export const secretMembers = ['web_password', 'api_password'] as const satisfies readonly MemberName[];

import { describe, expect, it } from 'vitest';
import { fromJson } from '../../schemas/convert.ts';
import { createParameterCheck } from '../../schemas/validate.ts';
import { booleans, everyMember } from './reference-members.ts';

const check = createParameterCheck();
const mandatory = { i_tariff: 1, name: 'Acme', web_password: 'pass word 1' };

function checkWith(changes: Readonly<Record<string, unknown>>) {
  return check(new Map(Object.entries({ ...mandatory, ...changes }).map(([name, json]) => [name, fromJson(json)])));
}

const maxInteger = 2 ** 31 - 1;
const tooLong = 'must have at most';
const control = 'must not contain control characters';
const whiteSpace = 'must not contain control characters or begin or end with white space';
const emails = 'must be e-mail addresses, separated by commas or semicolons';
const from = 'must be an e-mail address, or a display name followed by <address>';
const rights = 'must be at least 0 and at most 7';
const id = `must be at least 1 and at most ${maxInteger}`;
const hostName = 'must be a host name';
const language = 'must be a code of two small letters, such as en';
const currency = 'must be an ISO 4217 code of three capital letters';

/** Members with the same limits; values on the limits, and values beyond them with what the fault says. */
interface Limits {
  readonly members: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly (readonly [value: unknown, says: string])[];
}

const ofLength = (length: number, end = 'x') => end.padStart(length, 'x');
const host = (length: number) => 'x.'.repeat(126).padEnd(length, 'x');
/** Two UTF-16 units, but one character. */
const smile = '\u{1f600}';
const controls = ['a\u0000b', 'a\u0008b', 'a\u000bb', 'a\u001fb', 'a\ud800b'];

function textLimits(members: string, length: number): Limits {
  return {
    members,
    accepted: ['', ' outer ', 'line\r\n\tline', smile.repeat(length), ofLength(length)],
    refused: [
      [ofLength(length + 1), `${tooLong} ${length} characters`],
      ...controls.map((value) => [value, control] as const),
    ],
  };
}

function passwordLimits(member: string): Limits {
  const says = 'must have 1 to 128 characters';
  const refused = [[ofLength(129), says] as const, ['a\u0000b', control] as const];
  return { members: member, accepted: ['x', ' ', smile.repeat(128)], refused };
}

function numberLimits(
  members: string,
  accepted: readonly unknown[],
  refused: Readonly<Record<string, string>>,
): Limits {
  return { members, accepted, refused: Object.entries(refused).map(([value, says]) => [Number(value), says]) };
}

const textMembers: readonly Limits[] = [
  {
    members: 'name',
    accepted: ['x', ofLength(128), smile.repeat(128), 'Müller & Söhne "x" : \\'],
    refused: [
      ['', 'must have 1 to 128 characters'],
      [ofLength(129), 'must have 1 to 128 characters'],
      ...[' x', 'x ', '\u00a0x', 'x\u2003', 'a\nb', 'a\tb', 'a\u007fb', 'a\u0085b', ' '].map(
        (v) => [v, whiteSpace] as const,
      ),
    ],
  },
  {
    members: 'web_login',
    accepted: ['x', ofLength(32), 'with space', 'ümlaut"\\'],
    refused: [
      [ofLength(33), 'must have 1 to 32 characters'],
      ['a:b', 'must not contain a colon'],
      ...[' x', 'x ', 'a\nb', 'a\u0085b'].map((value) => [value, whiteSpace] as const),
    ],
  },
  {
    ...passwordLimits('web_password'),
    refused: [['', 'must have 1 to 128 characters'], ...passwordLimits('').refused],
  },
  passwordLimits('api_password'),
  textLimits('company_name first_name last_name street_addr state city country contact alt_contact', 128),
  textLimits('salutation mid_init postal_code', 16),
  textLimits('phone fax alt_phone', 64),
  textLimits('description', 1024),
  textLimits('css', 65_536),
  { ...textLimits('accounts_matching_rule', 255), accepted: ['^49[0-9]+$', '(', ofLength(255)] },
  {
    members: 'email cc bcc',
    accepted: ['a@b', 'a@b.example,c@d.example; e@f', ' a@b , c@d ', 'jö@müller.example', ofLength(255, '@x')],
    refused: [
      [ofLength(256, '@x'), `${tooLong} 255 characters`],
      ...['a', 'a@', '@b', 'a@b,', ',a@b', 'a@b c@d', 'a@b@c', '<a@b>', 'A <a@b>', 'a\u0000@b', 'a@b\ud800'].map(
        (value) => [value, emails] as const,
      ),
    ],
  },
  {
    members: 'mail_from',
    accepted: ['a@b', '<a@b>', 'Acme Ltd. <billing@acme.example>', '"Acme, Ltd." <a@b>', ofLength(255, '<a@x>')],
    refused: [
      [ofLength(256, '<a@x>'), `${tooLong} 255 characters`],
      ...[
        'Acme',
        'a@b, c@d',
        'a@b\nBcc: c@d',
        'A\r\nBcc: x <a@b>',
        'A <a@b> <c@d>',
        'A <a@b',
        'A\u0000 <a@b>',
        'A\ud800 <a@b>',
        'a@b\u0000',
      ].map((v) => [v, from] as const),
    ],
  },
  {
    members: 'payment_currency',
    accepted: ['USD', 'EUR'],
    refused: [
      ['usd', currency],
      ['US', currency],
      ['USDT', currency],
    ],
  },
  {
    members: 'i_lang',
    accepted: ['en', 'ru'],
    refused: [
      ['EN', language],
      ['e', language],
      ['eng', language],
      ['e\n', language],
    ],
  },
  {
    members: 'dns_alias',
    accepted: ['localhost', 'A-1.example', `${ofLength(63)}.example`, host(253)],
    refused: [
      [host(254), `${tooLong} 253 characters`],
      ...['-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'ä.example', 'a b', ofLength(64)].map(
        (value) => [value, hostName] as const,
      ),
    ],
  },
];

const numberMembers: readonly Limits[] = [
  numberLimits('i_tariff i_routing_group i_commission_agent i_password_policy', [1, maxInteger], {
    0: id,
    '-1': id,
    2147483648: id,
  }),
  numberLimits('i_time_zone i_export_type start_page i_wholesaler', [1, maxInteger], {
    0: id,
    '-1': id,
    2147483648: id,
  }),
  numberLimits('accounts_mgmt customers_mgmt tariffs_mgmt vouchers_mgmt system_mgmt', [0, 1, 7], {
    '-1': rights,
    8: rights,
  }),
  numberLimits('api_mgmt use_own_tariff', [0, 1], {
    '-1': 'must be at least 0 and at most 1',
    2: 'must be at least 0 and at most 1',
  }),
  numberLimits('api_access', [0], { '-1': 'must be at least 0 and at most 1', 2: 'must be at least 0 and at most 1' }),
  numberLimits('max_depth', [0, 32], {
    '-1': 'must be at least 0 and at most 32',
    33: 'must be at least 0 and at most 32',
  }),
  numberLimits('payment_method', [1, 32_767], {
    0: 'must be at least 1 and at most 32767',
    32768: 'must be at least 1 and at most 32767',
  }),
  numberLimits('max_sessions', [0, maxInteger, null], {
    '-2': `must be at least 0 and at most ${maxInteger}`,
    2147483648: `must be at least 0 and at most ${maxInteger}`,
  }),
  numberLimits('balance', [-999_999_999_999.99, 0, 999_999_999_999.99], {
    '-1e12': 'must be more than -1000000000000 and less than 1000000000000',
    '1e12': 'must be more than -1000000000000 and less than 1000000000000',
  }),
  numberLimits('credit_limit', [0, 999_999_999_999.99], {
    '-0.01': 'must be at least 0 and less than 1000000000000',
    '1e12': 'must be at least 0 and less than 1000000000000',
  }),
  numberLimits('min_payment_amount overcommit_limit', [0, 0.01, 1e300], { '-0.01': 'must be at least 0' }),
  numberLimits('commission_size', [-100, 0, 100], {
    '-100.01': 'must be at least -100 and at most 100',
    100.01: 'must be at least -100 and at most 100',
  }),
  numberLimits('max_calls_per_second', [0, 0.5, 1e300, null], {
    '-0.5': 'must be at least 0',
    '-2': 'must be at least 0',
  }),
];

const booleanMembers: Limits = { members: booleans.join(' '), accepted: [true, false], refused: [] };
const table = [...textMembers, ...numberMembers, booleanMembers];

const shown = (value: unknown) => {
  const json = JSON.stringify(value);
  return json.length > 40 ? `${json.slice(0, 40)}… (${json.length})` : json;
};
const rows = table.flatMap(({ members, accepted, refused }) =>
  members.split(' ').map((member) => ({ member, accepted, refused })),
);
const acceptedRows = rows.flatMap(({ member, accepted }) =>
  accepted.map((value) => ({ member, value, as: shown(value) })),
);
const refusedRows = rows.flatMap(({ member, refused }) =>
  refused.map(([value, says]) => ({ member, value, says, as: shown(value) })),
);

describe('The limits of a member', () => {
  it('are tested here for every member', () => {
    expect(rows.map(({ member }) => member).toSorted()).toEqual(everyMember.toSorted());
  });

  it.each(acceptedRows)('$member may be $as', ({ member, value }) => {
    expect(checkWith({ [member]: value })).toMatchObject({ ok: true, params: { [member]: value } });
  });

  it.each(refusedRows)('$member may not be $as', ({ member, value, says }) => {
    const problem = { code: 400, member, text: `Wrong value of ${member}: ${says}` };
    const checked = checkWith({ [member]: value });
    expect(checked).toMatchObject({ ok: false, problems: [problem] });
    expect(checked).not.toHaveProperty(['sound', member]);
  });

  it('keep a number that is none out of every member', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(checkWith({ balance: value, max_sessions: value }).ok).toBe(false);
    }
  });
});

import type { Encodable } from '../../api/encode.ts';
import type { Members } from '../services/calls.ts';
import { features, forEachName, masks } from './tree.ts';

/** What a member means: undefined when it was not given or cannot be understood, null when it was given as nil. */
export type Given = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A reason to refuse a call: the fault code, and the rule of the model that is broken. */
export interface Problem {
  readonly code: number;
  readonly rule: string;
}

const wrong = Symbol('wrong');
type Form = (value: Encodable) => Given[string] | typeof wrong;

/** PHP, Go and Perl clients send an empty string where they mean nil. */
const isNil = (value: Encodable) => value === null || value === '';

function toNumber(value: Encodable): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

const real =
  (min: number, max: number): Form =>
  (value) => {
    const number = toNumber(value);
    if (isNil(value)) return undefined;
    return number >= min && number <= max ? number : wrong;
  };

const whole =
  (min: number, max: number): Form =>
  (value) =>
    isNil(value) || Number.isInteger(toNumber(value)) ? real(min, max)(value) : wrong;

const id = whole(1, 2 ** 31 - 1);

/** For a limit, nil is not nothing: it says that there is none, and so does -1. */
const limit =
  (form: Form): Form =>
  (value) =>
    isNil(value) || toNumber(value) === -1 ? null : form(value);

const feature: Form = (value) => {
  if (isNil(value)) return undefined;
  if ([true, 1, '1', 'true'].some((yes) => yes === value)) return true;
  return [false, 0, '0', 'false'].some((no) => no === value) ? false : wrong;
};

const flag: Form = (value) => {
  const meant = feature(value);
  return typeof meant === 'boolean' ? Number(meant) : meant;
};

/** Characters are those of Unicode, of which some take two units of UTF-16. */
const lengthOf = (text: string) => [...text].length;

const text =
  (min: number, max: number, pattern = /^/): Form =>
  (value) => {
    if (value === null) return undefined;
    if (typeof value !== 'string' || !pattern.test(value)) return wrong;
    return lengthOf(value) >= min && lengthOf(value) <= max ? value : wrong;
  };

/** A text with a format: an empty one is what a web form sends for nothing. */
const formatted =
  (max: number, pattern = /^/): Form =>
  (value) =>
    value === '' ? undefined : text(1, max, pattern)(value);

const belowTrillion = 999_999_999_999.99;
const noControlsNoOuterSpace = /^(?!\s)\P{Cc}*(?<!\s)$/u;
const noColonEither = /^(?!\s)[^\p{Cc}:]*(?<!\s)$/u;

/** The table of section 5 of the contract, as far as the drawn calls go. */
const forms: Readonly<Record<string, Form>> = {
  name: text(1, 128, noControlsNoOuterSpace),
  web_password: text(1, 128),
  i_tariff: (value) => (isNil(value) ? null : id(value)),
  web_login: formatted(32, noColonEither),
  i_routing_group: id,
  balance: real(-belowTrillion, belowTrillion),
  credit_limit: real(0, belowTrillion),
  ...forEachName(masks, () => whole(0, 7)),
  accounts_matching_rule: formatted(255, /^[^(]*$/),
  company_name: text(0, 128),
  mid_init: text(0, 16),
  phone: text(0, 64),
  description: text(0, 1024),
  email: formatted(255, /^\S+@\S+$/),
  payment_currency: formatted(3, /^[A-Z]{3}$/),
  payment_method: whole(1, 32_767),
  min_payment_amount: real(0, Number.MAX_VALUE),
  api_access: flag,
  api_password: formatted(128),
  api_mgmt: flag,
  use_own_tariff: flag,
  i_commission_agent: id,
  commission_size: real(-100, 100),
  max_depth: whole(0, 32),
  i_password_policy: id,
  ...forEachName(features, () => feature),
  overcommit_limit: real(0, Number.MAX_VALUE),
  i_time_zone: id,
  i_lang: formatted(2),
  i_export_type: id,
  start_page: id,
  dns_alias: formatted(253, /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/),
  max_sessions: limit(whole(0, 2 ** 31 - 1)),
  max_calls_per_second: limit(real(0, Number.MAX_VALUE)),
  i_wholesaler: id,
};

/** The reference text prints this name with a stray quote, and clients copy it. */
const realName = (name: string) => (name === "i_password_policy'" ? 'i_password_policy' : name);

/** Reads every member by its form: what the good ones mean, and a problem for each of the others. */
export function readMembers(members: Members): { readonly given: Given; readonly problems: readonly Problem[] } {
  const given: Record<string, Given[string]> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(members)) {
    const form = Object.hasOwn(forms, realName(name)) ? forms[realName(name)] : undefined;
    const meaning = form?.(value);
    if (form === undefined) problems.push({ code: 400, rule: 'unknown member' });
    else if (realName(name) !== name && realName(name) in members) problems.push({ code: 400, rule: 'given twice' });
    else if (meaning === wrong) problems.push({ code: 400, rule: `form of ${name}` });
    else given[realName(name)] = meaning;
  }
  return { given, problems };
}

import { Ajv, type ErrorObject } from 'ajv';
import { convertMembers, type Given } from './convert.ts';
import { type CreateCustomerParams, createCustomerSchema } from './create-customer.ts';
import { faults, type Problem } from './faults.ts';
import { unknownParameter } from './unknown-parameter.ts';

export type Checked =
  | { readonly ok: true; readonly params: CreateCustomerParams }
  | {
      readonly ok: false;
      readonly problems: readonly [Problem, ...Problem[]];
      /** The members with which nothing is wrong so far, defaults filled in. */
      readonly sound: Partial<CreateCustomerParams>;
    };

type MemberSchema = Readonly<Record<string, unknown>>;

const knownNames = Object.keys(createCustomerSchema.properties);

function rangeWords(schema: MemberSchema): string {
  const from = schema.minimum ?? schema.exclusiveMinimum;
  const to = schema.maximum ?? schema.exclusiveMaximum;
  const low = 'minimum' in schema ? `at least ${from}` : `more than ${from}`;
  const high = 'maximum' in schema ? `at most ${to}` : `less than ${to}`;
  return `must be ${[from === undefined ? '' : low, to === undefined ? '' : high].filter(Boolean).join(' and ')}`;
}

function lengthWords(schema: MemberSchema): string {
  return schema.minLength === undefined
    ? `must have at most ${schema.maxLength} characters`
    : `must have ${schema.minLength} to ${schema.maxLength} characters`;
}

function sentence(error: ErrorObject): string {
  const schema = (error.parentSchema ?? {}) as MemberSchema;
  if (error.keyword === 'pattern') return String(schema['x-says']);
  if (/length/i.test(error.keyword)) return lengthWords(schema);
  if (/m(in|ax)imum/i.test(error.keyword)) return rangeWords(schema);
  if (error.keyword === 'type') return `must be ${[error.params.type].flat().join(' or ')}`;
  return error.message ?? 'is not allowed';
}

/** Whoever gives more unknown names than this gets hints for the first ones alone: each is compared with all known names. */
const mostHints = 20;

function toProblem(error: ErrorObject): Problem {
  if (error.keyword === 'required') return faults.required(error.params.missingProperty);
  return faults.wrongValue(error.instancePath.slice(1), sentence(error));
}

function toProblems(errors: readonly ErrorObject[]): readonly Problem[] {
  const unknown = errors.filter(({ keyword }) => keyword === 'additionalProperties');
  const hinted = new Set(unknown.slice(0, mostHints));
  return errors.map((error) =>
    error.keyword === 'additionalProperties'
      ? unknownParameter(error.params.additionalProperty, hinted.has(error) ? knownNames : [])
      : toProblem(error),
  );
}

/** The known members that no problem is about. */
function soundMembers(params: Record<string, unknown>, problems: readonly Problem[]): Partial<CreateCustomerParams> {
  const wrong = new Set(problems.map(({ member }) => member));
  return Object.fromEntries(
    knownNames.filter((name) => params[name] !== undefined && !wrong.has(name)).map((name) => [name, params[name]]),
  );
}

/**
 * Compiles the check of createCustomer's parameters: lossless conversion, then the JSON Schema, every problem at once.
 * A valid call comes back in canonical form with its defaults filled in. It does not look at the database.
 */
export function createParameterCheck(): (members: ReadonlyMap<string, Given>) => Checked {
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strictRequired: false, strictTypes: false });
  ajv.addVocabulary(['x-says', 'x-empty']);
  const isValid = ajv.compile<CreateCustomerParams>(createCustomerSchema);
  const isLogin = ajv.compile({
    type: 'object',
    properties: { web_login: createCustomerSchema.properties.web_login },
    if: createCustomerSchema.if,
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword.
    then: { properties: createCustomerSchema.then.properties },
  });

  /** Without a login, the name serves as one where it qualifies; who calls this API cannot do without. */
  function loginFromName(params: Record<string, unknown>): readonly Problem[] {
    if (isLogin({ web_login: params.name, api_access: params.api_access })) params.web_login = params.name;
    else if (params.api_access === 1) return [faults.required('web_login')];
    return [];
  }

  return function check(members) {
    const { params, problems: lossy } = convertMembers(members);
    const refused = new Set(lossy.map((problem) => problem.member));
    const noLogin = typeof params.name === 'string' && params.web_login === undefined && !refused.has('web_login');
    const login = noLogin ? loginFromName(params) : [];
    const valid = isValid(params);
    const errors = (isValid.errors ?? []).filter((error) => error.keyword !== 'if');
    const broken = toProblems(errors).filter((problem) => !(problem.code === 410 && refused.has(problem.member)));
    const problems = [...lossy, ...broken, ...login];
    const [first, ...rest] = problems;
    if (first) return { ok: false, problems: [first, ...rest], sound: soundMembers(params, problems) };
    if (!valid) throw new Error('The schema refused parameters without saying why');
    return { ok: true, params };
  };
}

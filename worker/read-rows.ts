import type { Suspect } from '../db/find-problems.ts';
import type { ParamsHashes } from '../runtime/params-hash.ts';
import { type Given, membersOfJson } from '../schemas/convert.ts';
import type { CreateCustomerParams } from '../schemas/create-customer.ts';
import { faults, type Problem } from '../schemas/faults.ts';
import { type ImportRow, importKey } from '../schemas/import-job.ts';
import { isPasswordHash, passwordHashMember, passwordHashSays } from '../schemas/password-hash.ts';
import type { Checked } from '../schemas/validate.ts';

/** Root is the parent of rows that name none. */
const defaultParent = 1;

/** Stands for the password of a row that brings its hash; it is never stored. */
const someWebPassword = 'x';

/** A row of the right form, ready to be created. */
export interface Candidate {
  readonly line: number;
  readonly i_wholesaler: number;
  readonly key: string;
  readonly params: Omit<CreateCustomerParams, 'web_password' | 'i_wholesaler'>;
  /** The password, or its hash from elsewhere. */
  readonly secret: { readonly web_password: string } | { readonly web_password_hash: string };
  readonly paramsHashes: ParamsHashes;
}

/** A row that cannot be created, what is wrong with it as far as it is known, and what is sound of it. */
export interface Refused extends Suspect {
  readonly line: number;
  readonly problems: readonly Problem[];
}

function hashProblems(hash: unknown, hasPassword: boolean): readonly Problem[] {
  if (hash === undefined) return [];
  if (hasPassword) return [faults.wrongValue(passwordHashMember, 'stands beside web_password: give one of them')];
  return isPasswordHash(hash) ? [] : [faults.wrongValue(passwordHashMember, passwordHashSays)];
}

/** Nothing, as an empty cell or nil, is no hash. */
function readHash(params: ImportRow['params']): unknown {
  const hash = params[passwordHashMember];
  return hash === null || hash === '' ? undefined : hash;
}

/** Makes the reader of an import's rows: the same conversion and the same checks as for a call, and a password or its hash. */
export function createRowReader(parts: {
  readonly check: (members: ReadonlyMap<string, Given>) => Checked;
  readonly hashParams: (params: Readonly<Record<string, unknown>>) => ParamsHashes;
}) {
  const { check, hashParams } = parts;

  function checkRow(params: ImportRow['params'], hash: unknown): Checked {
    const members = membersOfJson(params);
    members.delete(passwordHashMember);
    if (hash !== undefined) members.set('web_password', someWebPassword);
    return check(members);
  }

  return function readRow(importId: string, { line, key, params }: ImportRow): Candidate | Refused {
    const hash = readHash(params);
    const wrongHash = hashProblems(hash, (params.web_password ?? '') !== '');
    const checked = checkRow(params, hash);
    if (!checked.ok || wrongHash.length > 0) return toRefused({ line, checked, hash, wrongHash });
    const { web_password, i_wholesaler = defaultParent, ...sound } = checked.params;
    const secret = hash === undefined ? { web_password } : { [passwordHashMember]: String(hash) };
    return {
      line,
      i_wholesaler,
      key: key ?? importKey(importId, line),
      params: sound,
      secret,
      paramsHashes: hashParams({ ...sound, ...secret }),
    };
  };
}

function toRefused(row: {
  readonly line: number;
  readonly checked: Checked;
  readonly hash: unknown;
  readonly wrongHash: readonly Problem[];
}): Refused {
  const { line, checked, hash, wrongHash } = row;
  const { i_wholesaler = defaultParent, ...sound } = checked.ok ? checked.params : checked.sound;
  const { web_password: _, ...others } = sound;
  const problems = [...(checked.ok ? [] : checked.problems), ...wrongHash];
  return { line, mode: 'trusted', i_wholesaler, problems, params: hash === undefined ? sound : others };
}

/** A candidate as a row that may be wrong beyond its form; nothing is known against it yet. */
export function suspectOf({ line, i_wholesaler, params, secret }: Candidate): Refused {
  const sound = 'web_password' in secret ? { ...params, ...secret } : params;
  return { line, mode: 'trusted', i_wholesaler, problems: [], params: sound };
}

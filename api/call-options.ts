import type { IncomingMessage } from 'node:http';
import { faults, type Problem, shownName } from '../schemas/faults.ts';
import { idempotencyKeyPattern } from '../schemas/jobs.ts';

/** What a client asks for beside the call itself. */
export interface CallOptions {
  readonly idempotencyKey?: string;
  readonly dryRun: boolean;
}

const queryNames: readonly string[] = ['idempotency_key', 'dry_run'];
const keyForm = new RegExp(idempotencyKeyPattern);

function keys(request: IncomingMessage, query: URLSearchParams): ReadonlySet<string> {
  return new Set([...[request.headers['idempotency-key'] ?? []].flat(), ...query.getAll('idempotency_key')]);
}

/**
 * Reads the header Idempotency-Key and the query parameters `idempotency_key` and `dry_run`, for clients that can set
 * nothing but a URL. Other query parameters are refused.
 */
export function readCallOptions(request: IncomingMessage): CallOptions | { readonly problem: Problem } {
  const query = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
  const stranger = [...query.keys()].find((name) => !queryNames.includes(name));
  // A misspelt dry_run must not create a customer.
  if (stranger !== undefined) {
    return {
      problem: faults.unknownParameter(shownName(stranger), ` in the URL: it takes ${queryNames.join(' and ')}`),
    };
  }
  const [key, otherKey] = keys(request, query);
  if (otherKey !== undefined) return { problem: faults.wrongValue('idempotency_key', 'is given twice, differently') };
  if (key !== undefined && !keyForm.test(key)) {
    return { problem: faults.wrongValue('idempotency_key', 'must be 1 to 255 visible ASCII characters') };
  }
  const [dryRun = '0', otherDryRun] = new Set(query.getAll('dry_run'));
  if (otherDryRun !== undefined) return { problem: faults.wrongValue('dry_run', 'is given twice, differently') };
  if (!/^[01]$/.test(dryRun)) return { problem: faults.wrongValue('dry_run', 'must be 0 or 1') };
  return { ...(key === undefined ? {} : { idempotencyKey: key }), dryRun: dryRun === '1' };
}

import { violation } from '../db/violations.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Fault, faults } from '../schemas/faults.ts';
import type { Outcome } from '../schemas/jobs.ts';
import type { Caller } from './authenticate.ts';
import type { CallOptions } from './call-options.ts';
import { decodeBody } from './charset.ts';
import type { MethodCall } from './create-customer.ts';
import { decodeCall } from './decode.ts';
import { encodeFault, encodeResult } from './encode.ts';
import { XmlRpcFault } from './xmlrpc-fault.ts';

/** An XML-RPC answer. Faults and results alike are answered with HTTP 200. */
export interface Answer {
  readonly xml: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log: `OK`, or the code of the fault. */
  readonly outcome: string;
}

/** The methods by name. */
export type Methods = ReadonlyMap<string, (call: MethodCall) => Promise<Outcome>>;

/** Longest method name that is repeated in a fault. */
const shownMethodLength = 64;

/** Answers with a fault. */
export function faultAnswer({ code, text }: Fault): Answer {
  return { xml: encodeFault(code, text), headers: {}, outcome: String(code) };
}

function outcomeAnswer(outcome: Outcome): Answer {
  if (!outcome.ok) return faultAnswer(outcome.fault);
  if ('dry_run' in outcome) return { xml: encodeResult({ result: 'OK', dry_run: true }), headers: {}, outcome: 'OK' };
  const headers: Record<string, string> = outcome.replayed ? { 'Idempotency-Replayed': 'true' } : {};
  return { xml: encodeResult({ result: 'OK', i_customer: outcome.i_customer }), headers, outcome: 'OK' };
}

/** The fault for an error that was thrown: its own, 503 when the database is away, 500 for what nobody foresaw. */
export function faultOfError(error: unknown, requestId: string, log: Logger): Fault {
  if (error instanceof XmlRpcFault) return { code: error.faultCode, text: error.message };
  log.error({ err: error, request_id: requestId }, 'call failed');
  const { kind } = violation(error);
  return kind === 'unreachable' || kind === 'transient' ? faults.unavailable(requestId) : faults.internal(requestId);
}

/**
 * Decodes a call, runs its method and encodes what comes of it. Never throws: what goes wrong is a fault.
 */
export async function answerCall(
  methods: Methods,
  request: {
    readonly body: Buffer;
    readonly contentType: string | undefined;
    readonly caller: Caller;
    readonly requestId: string;
    readonly options: CallOptions;
  },
  log: Logger,
): Promise<Answer> {
  const { body, contentType, caller, requestId, options } = request;
  try {
    const { method, params } = decodeCall(decodeBody(body, contentType));
    const run = methods.get(method);
    if (!run) return faultAnswer(faults.noSuchMethod(method.slice(0, shownMethodLength)));
    return outcomeAnswer(await run({ params, caller, requestId, options }));
  } catch (error) {
    return faultAnswer(faultOfError(error, requestId, log));
  }
}

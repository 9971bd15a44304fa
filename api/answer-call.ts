import type { CallRecord } from '../db/call-journal.ts';
import { violation } from '../db/violations.ts';
import { QueueUnavailable } from '../queue/backend.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Fault, faults } from '../schemas/faults.ts';
import type { Caller } from './authenticate.ts';
import type { CallOptions } from './call-options.ts';
import { decodeBody } from './charset.ts';
import { decodeCall } from './decode.ts';
import { encodeFault, encodeResult } from './encode.ts';
import type { MethodResult, Methods } from './method.ts';
import { XmlRpcFault } from './xmlrpc-fault.ts';

/** An XML-RPC answer. Faults and results alike are answered with HTTP 200. */
export interface Answer {
  readonly xml: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log: `OK`, or the code of the fault. */
  readonly outcome: string;
  /** The first line of the fault. */
  readonly faultText?: string;
  /** The life of the call, where its method has noted it. */
  readonly record?: CallRecord;
}

/** Answers with a fault. */
export function faultAnswer({ code, text }: Fault): Answer {
  const [faultText = ''] = text.split('\n');
  return { xml: encodeFault(code, text), headers: {}, outcome: String(code), faultText };
}

function resultAnswer(result: MethodResult): Answer {
  const noted = result.record ? { record: result.record } : {};
  if ('fault' in result) return { ...faultAnswer(result.fault), ...noted };
  return { xml: encodeResult(result.value), headers: result.headers ?? {}, outcome: 'OK', ...noted };
}

/** The fault for an error that was thrown: its own, 503 when database or queue are away, 500 for what nobody foresaw. */
export function faultOfError(error: unknown, requestId: string, log: Logger): Fault {
  if (error instanceof XmlRpcFault) return { code: error.faultCode, text: error.message };
  log.error({ err: error, request_id: requestId }, 'call failed');
  const { kind } = violation(error);
  const isAway = error instanceof QueueUnavailable || kind === 'unreachable' || kind === 'transient';
  return isAway ? faults.unavailable(requestId) : faults.internal(requestId);
}

/** A call that was read: running it gives its answer, and never throws. What is wrong with its form is such an answer, too. */
export type ReadCall = () => Answer | Promise<Answer>;

/** Decodes a call and begins it, but does not run it yet. */
export function readCall(
  methods: Methods,
  request: {
    readonly body: Buffer;
    readonly contentType: string | undefined;
    readonly caller: Caller;
    readonly requestId: string;
    readonly receivedAt: number;
    readonly options: CallOptions;
  },
  log: Logger,
): ReadCall {
  const { body, contentType, ...call } = request;
  const failed = (error: unknown) => faultAnswer(faultOfError(error, call.requestId, log));
  try {
    const { method, params } = decodeCall(decodeBody(body, contentType));
    const found = methods.get(method);
    if (!found) return () => faultAnswer(faults.noSuchMethod(method));
    const run = found.begin({ ...call, params });
    return () => run().then(resultAnswer).catch(failed);
  } catch (error) {
    return () => failed(error);
  }
}

import type { CallRecord } from '../db/call-journal.ts';
import type { Fault } from '../schemas/faults.ts';
import type { Value } from '../schemas/value.ts';
import type { Caller } from './authenticate.ts';
import type { CallOptions } from './call-options.ts';
import type { Encodable } from './encode.ts';

/** A call of a method that has passed the gate. */
export interface MethodCall {
  readonly params: readonly Value[];
  readonly caller: Caller;
  readonly requestId: string;
  /** When the request, or this call of a batch, was begun: Unix time in ms. */
  readonly receivedAt: number;
  readonly options: CallOptions;
}

/** What a method answers: its result, with HTTP headers that go with it, or a fault. */
export type MethodResult = (
  | { readonly value: Encodable; readonly headers?: Readonly<Record<string, string>> }
  | { readonly fault: Fault }
) & {
  /** The life of the call, where the method has noted it itself. */
  readonly record?: CallRecord;
};

/** A method of the service, with what introspection says of it. */
export interface Method {
  /** Types of the result and of the parameters, in XML-RPC's words, one list for each form of the call. */
  readonly signatures: readonly (readonly [string, ...string[]])[];
  readonly help: string;
  /** Does of a call what nobody else can see, while it is not certain yet that it may run. What it returns runs it. */
  begin(call: MethodCall): () => Promise<MethodResult>;
}

/** The methods by name. */
export type Methods = ReadonlyMap<string, Method>;

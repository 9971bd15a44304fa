import type { Logger } from '../runtime/logger.ts';
import { faultOfError } from './answer-call.ts';
import { introspectionOf } from './introspection.ts';
import { logLine } from './log-line.ts';
import type { Method, MethodCall, MethodResult, Methods } from './method.ts';
import { createMulticall } from './multicall.ts';

/** All methods of the service: createCustomer, the batch that calls any of them, and introspection. */
export function createMethods(createCustomer: Method, log: Logger): Methods {
  /** Runs a call of a batch, which gets a line in the log as if it had come alone. */
  async function runSafely(method: Method, call: MethodCall): Promise<MethodResult> {
    try {
      const result = await method.begin(call)();
      if (result.record) log.info(logLine(result.record, call.caller), 'call');
      return result;
    } catch (error) {
      return { fault: faultOfError(error, call.requestId, log) };
    }
  }

  const methods = new Map([['createCustomer', createCustomer]]);
  methods.set('system.multicall', createMulticall(methods, runSafely));
  for (const [name, method] of introspectionOf(methods)) methods.set(name, method);
  return methods;
}

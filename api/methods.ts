import type { Logger } from '../runtime/logger.ts';
import { faultOfError } from './answer-call.ts';
import { introspectionOf } from './introspection.ts';
import type { Method, MethodCall, MethodResult, Methods } from './method.ts';
import { createMulticall } from './multicall.ts';

/** All methods of the service: createCustomer, the batch that calls any of them, and introspection. */
export function createMethods(createCustomer: Method, log: Logger): Methods {
  function runSafely(method: Method, call: MethodCall): Promise<MethodResult> {
    return method.run(call).catch((error: unknown) => ({ fault: faultOfError(error, call.requestId, log) }));
  }

  const methods = new Map([['createCustomer', createCustomer]]);
  methods.set('system.multicall', createMulticall(methods, runSafely));
  for (const [name, method] of introspectionOf(methods)) methods.set(name, method);
  return methods;
}

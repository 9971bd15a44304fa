import { XmlRpcFault } from '../../api/xmlrpc-fault.ts';

/** The fault that the codec throws; fails the test when it throws something else or nothing. */
export function faultOf(act: () => unknown): XmlRpcFault {
  try {
    act();
  } catch (error) {
    if (error instanceof XmlRpcFault) {
      return error;
    }
    throw error;
  }
  throw new Error('the document was accepted');
}

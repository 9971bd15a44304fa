/** The part of the npm package xmlrpc 1.3.2 that is used: its serializer. It brings no types of its own. */
declare module 'xmlrpc/lib/serializer.js' {
  export function serializeMethodCall(method: string, params: readonly unknown[]): string;
  export function serializeMethodResponse(result: unknown): string;
  export function serializeFault(fault: { readonly faultCode: number; readonly faultString: unknown }): string;
}

declare module 'xmlrpc/lib/customtype.js' {
  /** Becomes an element with the name `tagName` and the escaped text `raw`. */
  class CustomType {
    constructor(raw: string);
    readonly tagName: string;
    readonly raw: string;
  }
  export = CustomType;
}

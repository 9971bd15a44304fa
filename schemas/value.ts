/**
 * A decoded XML-RPC value. Scalars keep their lexical text, so that a conversion can be judged lossless:
 * a Perl client turns the string "007" into `<int>007</int>`, and its name member must still read "007".
 */
export interface Scalar {
  readonly kind: 'int' | 'double' | 'boolean' | 'string' | 'dateTime' | 'base64' | 'nil';
  /**
   * What stood between the tags. Outer white space is removed from every kind but `string`; `nil` has the empty text.
   * The decoder guarantees the form: an `int` is an optional sign and digits that fit 64 bits (32 for `int` and `i4`),
   * a `double` is a finite decimal number, a `boolean` is `0` or `1`, `base64` decodes.
   */
  readonly text: string;
}

/** Members in document order. A Map, so that a member named `__proto__` is a name like any other. */
interface Struct {
  readonly kind: 'struct';
  readonly members: ReadonlyMap<string, Value>;
}

export interface List {
  readonly kind: 'array';
  readonly items: readonly Value[];
}

export type Value = Scalar | Struct | List;

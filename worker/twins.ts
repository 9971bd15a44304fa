import type { Candidate } from './read-rows.ts';

/** A value that no two customers may share. */
export interface UniqueValue {
  readonly member: string;
  readonly value: string;
}

/** What must be unique among the rows of an import, in the form in which the database compares it. */
export function uniqueValuesOf({ params }: Candidate): readonly UniqueValue[] {
  const values = { name: params.name, web_login: params.web_login, dns_alias: params.dns_alias?.toLowerCase() };
  return Object.entries(values).flatMap(([member, value]) => (value === undefined ? [] : [{ member, value }]));
}

/**
 * Parts the rows that want what an earlier row of the same chunk wants from the others: they would fail the statement that
 * inserts them all. Once the first ones are in, or refused, it is known what the others may have.
 */
export function splitTwins(candidates: readonly Candidate[]): {
  readonly firsts: readonly Candidate[];
  readonly twins: readonly Candidate[];
} {
  const taken = new Set<string>();
  const firsts: Candidate[] = [];
  const twins: Candidate[] = [];
  for (const candidate of candidates) {
    const values = uniqueValuesOf(candidate).map(({ member, value }) => `${member} ${value}`);
    const wanted = [...values, `key ${candidate.i_wholesaler} ${candidate.key}`];
    const isTwin = wanted.some((value) => taken.has(value));
    (isTwin ? twins : firsts).push(candidate);
    for (const value of wanted) taken.add(value);
  }
  return { firsts, twins };
}

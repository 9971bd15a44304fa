import { readdirSync, readFileSync } from 'node:fs';
import type { Value } from '../../schemas/value.ts';

/** A golden value: one property, named for its kind; struct members as pairs, since their order and `__proto__` count. */
export type GoldenValue =
  | Readonly<Record<string, string>>
  | { readonly struct: readonly (readonly [string, GoldenValue])[] }
  | { readonly array: readonly GoldenValue[] };

export interface Accepted {
  readonly contentType?: string;
  readonly method: string;
  readonly params: readonly GoldenValue[];
}

export interface Refused {
  readonly contentType?: string;
  readonly code: number;
  readonly text: string;
}

const folder = new URL('../golden/', import.meta.url);

export function readDocument(path: string): Buffer {
  return readFileSync(new URL(path, folder));
}

/** Every document that must be accepted, with what it says. */
export function acceptedDocuments(): readonly (readonly [name: string, expected: Accepted])[] {
  const names = readdirSync(new URL('accepted/', folder)).filter((name) => name.endsWith('.xml'));
  return names.map((name) => [name, JSON.parse(readDocument(`accepted/${name.replace(/xml$/, 'json')}`).toString())]);
}

/** Every document that must be refused, with the code and a part of the text of its fault. */
export function refusedDocuments(): readonly (readonly [name: string, expected: Refused])[] {
  const expected: Readonly<Record<string, Refused>> = JSON.parse(readDocument('refused/expected.json').toString());
  return Object.entries(expected);
}

export function refusedFileNames(): readonly string[] {
  return readdirSync(new URL('refused/', folder)).filter((name) => name.endsWith('.xml'));
}

export function toGolden(value: Value): GoldenValue {
  switch (value.kind) {
    case 'struct':
      return { struct: [...value.members].map(([name, member]): [string, GoldenValue] => [name, toGolden(member)]) };
    case 'array':
      return { array: value.items.map(toGolden) };
    default:
      return { [value.kind]: value.text };
  }
}

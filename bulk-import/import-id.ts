import { createHash, randomBytes } from 'node:crypto';
import { importIdPattern } from '../schemas/import-job.ts';
import { ImportProblem } from './import-problem.ts';
import type { Mapping } from './mapping.ts';

const idCharacters = 24;
const randomIdBytes = 6;
const isImportId = new RegExp(importIdPattern);

function digestOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part}\n`);
  return hash.digest('hex').slice(0, idCharacters);
}

/** The id of the import of a file: the same file with the same mapping is the same import, so that running it again goes on. */
export function fileImportId(fileDigest: string, { map, set, keyColumn }: Mapping): string {
  const sorted = (pairs: ReadonlyMap<string, string>) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf(fileDigest, JSON.stringify({ map: sorted(map), set: sorted(set), keyColumn }));
}

/** An id for an import whose content is not known before it has been read. */
export function randomImportId(): string {
  return randomBytes(randomIdBytes).toString('hex');
}

/** The id of the rehearsal of an import: what it notes never mixes with what the import itself does. */
export function dryRunId(importId: string): string {
  return `dry-${digestOf(importId)}`;
}

/** @throws ImportProblem when the text cannot be the id of an import */
export function requireImportId(text: string): string {
  if (isImportId.test(text)) return text;
  throw new ImportProblem('The import id must have 1 to 48 letters, digits, dots, hyphens or underscores.');
}

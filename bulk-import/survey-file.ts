import { createHash, type Hash } from 'node:crypto';
import type { GivenForm } from './find-form.ts';
import { openSource } from './open-source.ts';
import { readFileBytes } from './read-bytes.ts';

/** What is known of a file before anything of it is imported. */
export interface Survey {
  /** SHA-256 of the file as it is, in hex. */
  readonly digest: string;
  readonly rows: number;
}

async function* hashed(bytes: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Reads a file from end to end, so that one which cannot be read to its end is refused before any of its rows is imported.
 * The header of a CSV file is given to `checkHeader` before the rest is read.
 * @throws ImportProblem, whatever `checkHeader` throws, or the error of the system
 */
export async function surveyFile(
  path: string,
  given: GivenForm,
  checkHeader: (header: readonly string[]) => void,
): Promise<Survey> {
  const hash = createHash('sha256');
  const { header, records } = await openSource(hashed(readFileBytes(path), hash), given);
  if (header) checkHeader(header);
  let rows = 0;
  for await (const _ of records) rows += 1;
  return { rows, digest: hash.digest('hex') };
}

import { ImportProblem } from './import-problem.ts';
import { readObject } from './read-object.ts';
import { maxRecordBytes, type SourceRecord } from './source-record.ts';

const lineFeed = 0x0a;

async function* readLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(lineFeed); end !== -1; end = rest.indexOf(lineFeed, from)) {
      yield rest.toString('utf8', from, end);
      from = end + 1;
      line += 1;
    }
    rest = rest.subarray(from);
    if (rest.length > maxRecordBytes) {
      throw new ImportProblem(`Line ${line} is longer than ${maxRecordBytes} bytes: is it NDJSON, an object a line?`);
    }
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

/** Reads a file with a JSON object on each line. Empty lines are no rows, and a line that is no object is a row that fails. */
export async function* readNdjson(bytes: AsyncIterable<Buffer>): AsyncGenerator<SourceRecord> {
  let line = 0;
  for await (const text of readLines(bytes)) {
    line += 1;
    const bare = (line === 1 ? text.replace(/^\ufeff/, '') : text).trim();
    if (bare !== '') yield { line, ...readObject(bare) };
  }
}

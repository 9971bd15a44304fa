import { isUtf8 } from 'node:buffer';
import { ImportProblem } from './import-problem.ts';

const lineFeed = 0x0a;
const says = 'is no UTF-8 text: convert the file first, for example with iconv -f WINDOWS-1252 -t UTF-8';

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}

/** The first line within these bytes that is no UTF-8, counted from 0; the last one when only its end is missing. */
function findBadLine(bytes: Buffer): number {
  let line = 0;
  for (let from = 0; ; line += 1) {
    const end = bytes.indexOf(lineFeed, from);
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}

/**
 * Passes bytes on while they are UTF-8.
 * @throws ImportProblem that names the line
 */
export async function* checkUtf8(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let line = 1;
  let unfinished: Buffer = Buffer.alloc(0);
  const refuse = (last: Buffer) =>
    new ImportProblem(`Line ${line + findBadLine(Buffer.concat([unfinished, last]))} ${says}.`);
  for await (const chunk of bytes) {
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      throw refuse(chunk);
    }
    yield chunk;
    line += countLines(chunk);
    unfinished = endOfCharacter(Buffer.concat([unfinished, chunk.subarray(-longestCharacter)]));
  }
  try {
    decoder.decode();
  } catch {
    throw refuse(Buffer.alloc(0));
  }
}

const longestCharacter = 4;

/** The first bytes of a character whose others are still to come. */
function endOfCharacter(bytes: Buffer): Buffer {
  for (let length = 1; length < longestCharacter && length <= bytes.length; length += 1) {
    const end = bytes.subarray(-length);
    if ((end[0] ?? 0) >= 0xc0) return isUtf8(end) ? Buffer.alloc(0) : end;
  }
  return Buffer.alloc(0);
}

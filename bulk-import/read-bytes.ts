import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ImportProblem } from './import-problem.ts';

const gzipMark = Buffer.from([0x1f, 0x8b]);

/** Bytes that were looked at, in front of those that follow. */
export async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Reads until `isEnough` holds for what was read, or until the end. */
export async function readHead(bytes: AsyncIterator<Buffer>, isEnough: (head: Buffer) => boolean): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (!isEnough(head)) {
    const next = await bytes.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* gunzip(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // What goes wrong is thrown by whoever reads from the last stream.
  const unpacked = pipeline(Readable.from(bytes), createGunzip(), () => {});
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw code.startsWith('Z_') ? new ImportProblem(`The gzip file is damaged or cut off (${message}).`) : error;
  }
}

/** The same bytes, unpacked when they begin as a gzip file does. */
export async function* unpack(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]();
  const head = await readHead(iterator, ({ length }) => length >= gzipMark.length);
  const all = chain(head, iterator);
  yield* head.subarray(0, gzipMark.length).equals(gzipMark) ? gunzip(all) : all;
}

const sentences: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no file ${path}.`,
  ENOTDIR: (path) => `There is no file ${path}.`,
  EISDIR: (path) => `${path} is a folder: name a file.`,
  EACCES: (path) => `${path} may not be read by this user: change its owner or its mode.`,
};

function explain(error: unknown, path: string): unknown {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  const sentence =
    sentences[code]?.(path) ?? (syscall === undefined ? undefined : `${path} cannot be read: ${message}.`);
  return sentence === undefined ? error : new ImportProblem(sentence);
}

/**
 * Reads a file from its beginning.
 * @throws ImportProblem when it is not there or may not be read
 */
export async function* readFileBytes(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path);
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    throw explain(error, path);
  } finally {
    stream.destroy();
  }
}

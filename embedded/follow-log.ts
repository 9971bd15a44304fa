import { open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const pollMs = 250;

/** The size of a file in bytes; 0 when there is none. */
export async function fileSize(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** What stands in the file from this byte on; empty when it cannot be read. */
export async function readFrom(path: string, offset: number): Promise<Buffer> {
  const size = await fileSize(path);
  if (size <= offset) return Buffer.alloc(0);
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - offset), position: offset });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Hands every complete line that is added to the file behind byte `offset` to `onLine`, within about 250 ms, without
 * keeping the event loop alive. The server writes to a file rather than to a pipe of ours, because it may outlive us.
 * The function returned delivers what is left and ends the watch.
 */
export function followLog(options: { path: string; offset: number; onLine: (line: string) => void }) {
  const decoder = new StringDecoder('utf8');
  let { offset } = options;
  let rest = '';
  let turn = Promise.resolve();

  async function deliver(): Promise<void> {
    if ((await fileSize(options.path)) < offset) offset = 0;
    const added = await readFrom(options.path, offset);
    offset += added.length;
    const lines = (rest + decoder.write(added)).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) options.onLine(line);
  }
  const next = () => {
    turn = turn.then(deliver);
    return turn;
  };
  const timer = setInterval(() => void next(), pollMs).unref();

  return async function endFollowing(): Promise<void> {
    clearInterval(timer);
    await next();
  };
}

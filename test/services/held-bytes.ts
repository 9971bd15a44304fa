import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function bytesInUse(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How many bytes more are in use after a run, garbage not counted. */
export async function heldBytes(run: () => void | Promise<void>): Promise<number> {
  const before = bytesInUse();
  await run();
  return bytesInUse() - before;
}

/** A nonce as it comes: cut out of a long header, which V8 keeps whole for as long as the part. */
export function cutOutOfHeader(nonce: string): string {
  const headerBytes = 50_000;
  return Buffer.from(nonce.padEnd(headerBytes)).toString('latin1').slice(0, nonce.length);
}

import type { Redis } from 'ioredis';

/**
 * Lets the commands that are sent in one turn of the event loop leave in one system call, and so wake Redis once. Customers
 * that were stored together end together: without this, each of them costs three calls of the system. It is what
 * pipelines are for, without their objects, each of which copies all scripts of BullMQ.
 */
export function gatherWrites(redis: Redis): Redis {
  return redis.on('connect', () => {
    const { stream } = redis;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;

    function gather(...args: unknown[]): boolean {
      if (stream.writableCorked === 0) {
        stream.cork();
        // Runs when nothing that can go on now is left to do.
        process.nextTick(() => stream.uncork());
      }
      return write(...args);
    }

    stream.write = gather;
  });
}

import type { Redis } from 'ioredis';

/**
 * Lets the commands that are sent in one turn of the event loop leave in two system calls at the most, and so wake Redis as seldom. The
 * first ones leave at once, for the one who sends them may be alone; those behind them leave together, at the end of the turn. It is what
 * pipelines are for, without their objects, each of which copies all scripts of BullMQ.
 */
export function gatherWrites(redis: Redis): Redis {
  return redis.on('connect', () => {
    const { stream } = redis;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    let isGathering = false;

    function endTurn(): void {
      isGathering = false;
      if (stream.writableCorked > 0) stream.uncork();
    }

    function gather(...args: unknown[]): boolean {
      if (stream.writableCorked === 0) {
        stream.cork();
        if (!isGathering) {
          isGathering = true;
          // Runs when nothing that can go on now is left to do.
          process.nextTick(() => stream.uncork());
          setImmediate(endTurn);
        }
      }
      return write(...args);
    }

    stream.write = gather;
  });
}

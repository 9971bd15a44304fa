import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

export type QueueKind = 'postgres' | 'redis';

/** The kinds of queue that can be tested here: PostgreSQL always, Redis where it is installed (in CI it must be). */
export const queueKinds: readonly QueueKind[] = inject('redisUrl') === '' ? ['postgres'] : ['postgres', 'redis'];

/** Settings that put the queue where a test wants it, apart from every other test's. */
export function queueSettings(kind: QueueKind): Record<string, string> {
  return kind === 'redis' ? { REDIS_URL: inject('redisUrl'), QUEUE_PREFIX: `{test-${randomUUID()}}` } : {};
}

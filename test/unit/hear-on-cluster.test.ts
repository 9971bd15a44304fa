import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hearOnCluster } from '../../queue/hear-on-cluster.ts';
import type { RedisClient } from '../../queue/redis-client.ts';

const beatMs = 5000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A Cluster of which nothing is real: connections that can be cut without a word, and a publisher that can be away. */
async function openCluster() {
  const connections: (EventEmitter & { isCut: boolean; isOpen: boolean })[] = [];
  const heard: string[] = [];
  const cluster = { isAway: false };
  function open(): RedisClient {
    const connection = Object.assign(new EventEmitter(), {
      isCut: false,
      isOpen: true,
      subscribe: async () => 1,
      disconnect() {
        connection.isOpen = false;
      },
    });
    connections.push(connection);
    return connection as unknown as RedisClient;
  }
  async function publish(message: string): Promise<void> {
    if (cluster.isAway) throw new Error('away');
    for (const each of connections.filter(({ isCut, isOpen }) => isOpen && !isCut)) each.emit('message', 'c', message);
  }
  const hearing = await hearOnCluster({ channel: 'c', open, publish, onMessage: (message) => heard.push(message) });
  return { connections, heard, cluster, publish, hearing, open: () => connections.map(({ isOpen }) => isOpen) };
}

test('When probes come back, then the connection is kept, and nobody hears them', async () => {
  const { heard, publish, hearing, open } = await openCluster();
  await vi.advanceTimersByTimeAsync(10 * beatMs);
  await publish('outcome');
  expect([open(), heard]).toEqual([[true], ['outcome']]);
  await hearing.close();
  expect(open()).toEqual([false]);
});

test('When the connection was cut without a word, then another takes its place, and hears', async () => {
  const { connections, heard, publish, open } = await openCluster();
  for (const each of connections) each.isCut = true;
  await vi.advanceTimersByTimeAsync(2 * beatMs);
  await publish('outcome');
  await vi.advanceTimersByTimeAsync(10 * beatMs);
  expect([open(), heard]).toEqual([[false, true], ['outcome']]);
});

test('When nothing can be published, then the connection is left to find its way back', async () => {
  const { cluster, open } = await openCluster();
  cluster.isAway = true;
  await vi.advanceTimersByTimeAsync(10 * beatMs);
  expect(open()).toEqual([true]);
});

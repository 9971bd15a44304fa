import type { RedisClient } from './redis-client.ts';

/** No outcome is this. */
const probe = 'probe';

const probeEveryMs = 5000;

interface Hearing {
  readonly channel: string;
  /** Opens another connection to the Cluster. */
  readonly open: () => RedisClient;
  /** Publishes on the channel, over a connection that does not hear it. */
  readonly publish: (message: string) => Promise<unknown>;
  readonly onMessage: (message: string) => void;
}

/**
 * Subscribes to a channel of a Cluster. A connection that was cut without a word is noticed by what it does not hear: every
 * five seconds a probe is published on the channel itself, and when none has come, the connection is made anew, at whatever
 * node that is. While nothing can be published, nothing is known, and the connection is left to find its way back. What is
 * published before it has is lost.
 */
export async function hearOnCluster({ channel, open, publish, onMessage }: Hearing) {
  let receiver = open();
  let isProbed = false;
  let isHeard = false;

  async function listen(): Promise<void> {
    receiver.on('message', (_channel: string, message: string) => {
      isHeard = true;
      if (message !== probe) onMessage(message);
    });
    await receiver.subscribe(channel);
  }

  async function beat(): Promise<void> {
    if (isProbed && !isHeard) {
      // The next beat asks again: until then it has time to connect.
      isProbed = false;
      receiver.disconnect();
      receiver = open();
      return listen();
    }
    isHeard = false;
    isProbed = await publish(probe).then(
      () => true,
      () => false,
    );
  }

  await listen();
  const beats = setInterval(() => void beat().catch(() => {}), probeEveryMs);
  return {
    async close(): Promise<void> {
      clearInterval(beats);
      receiver.disconnect();
    },
  };
}

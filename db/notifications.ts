import pg from 'pg';
import { createMicroBatch } from '../runtime/micro-batch.ts';
import type { Database } from './connect.ts';
import { runPrepared } from './prepared.ts';
import { endWhenSilent } from './silence.ts';

const reconnectDelayMs = 200;

/** A server that accepts a connection and says nothing is given up after this time. */
const connectTimeoutMs = 1500;

/** A listener hears nothing for hours when there is nothing to hear: it asks for a sign of life this often. */
const heartbeatMs = 5000;
const silenceMs = 5000;

/** Messages between processes through PostgreSQL's NOTIFY. They are lost while nobody listens. */
export interface Notifications {
  /** Sends at most 7999 bytes. */
  notify(channel: string, payload: string): Promise<void>;
  /** Resolves once the channel is listened to; a lost connection is made again by itself. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<{ close(): Promise<void> }>;
}

/** Customers that were stored together are answered together: in one statement, and one commit. */
const maxMessagesInStatement = 100;

interface Message {
  readonly channel: string;
  readonly payload: string;
}

const notifyAll = {
  name: 'notify-all',
  text: 'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS given (channel, payload)',
};

function identifier(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`;
}

/** Opens notifications over a database: sending through the pool, listening on a connection of its own. */
export function createNotifications(
  db: Database,
  options: { readonly url: string; readonly onError: (error: Error) => void },
): Notifications {
  async function connectListener(channel: string, onPayload: (payload: string) => void, onLost: () => void) {
    const client = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    client.on('error', options.onError);
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
    await client.connect();
    endWhenSilent(client, silenceMs);
    // Until it listens, a lost connection is an error for the caller, and not for `onLost` as well.
    await client.query(`LISTEN ${identifier(channel)}`);
    const heartbeat = setInterval(() => void client.query('SELECT 1').catch(() => {}), heartbeatMs);
    client.on('end', () => {
      clearInterval(heartbeat);
      onLost();
    });
    return client;
  }

  async function sendAll(messages: readonly Message[]): Promise<readonly undefined[]> {
    const columns = [messages.map(({ channel }) => channel), messages.map(({ payload }) => payload)];
    await runPrepared(db, notifyAll, columns);
    return messages.map(() => undefined);
  }

  const send = createMicroBatch({ run: sendAll, maxItems: maxMessagesInStatement });

  return {
    notify: (channel, payload) => send({ channel, payload }),

    async listen(channel, onPayload) {
      let closed = false;
      let retry: NodeJS.Timeout | undefined;
      let client = await connectListener(channel, onPayload, reconnectLater);

      function reconnectLater(): void {
        if (!closed) retry = setTimeout(() => void reconnect(), reconnectDelayMs);
      }

      async function reconnect(): Promise<void> {
        try {
          client = await connectListener(channel, onPayload, reconnectLater);
          if (closed) await client.end();
        } catch (error) {
          options.onError(error as Error);
          reconnectLater();
        }
      }

      return {
        async close() {
          closed = true;
          clearTimeout(retry);
          await client.end();
        },
      };
    },
  };
}

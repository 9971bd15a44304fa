import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { callRemote } from '../../cli/xmlrpc-client.ts';
import type { Database } from '../../db/connect.ts';
import { createdId } from './calls.ts';
import { rootPassword } from './constants.ts';

/** What a well-behaved client does after an answer that leaves the outcome open, or says that nothing was created. */
const repeatable = /^fault (408|429|500|503|504)\b/;
const pauseMs = 50;

interface Answered {
  readonly name: string;
  readonly id: number;
  readonly at: number;
}

/**
 * Clients that call one after the other at one of the URLs, each call under a new name and key, and that repeat a call with its key, at the
 * next URL, until it is answered OK. Anything but the faults that allow it fails the test.
 */
export function startCallers({ urls, count }: { readonly urls: readonly string[]; readonly count: number }) {
  const answered: Answered[] = [];
  const setbacks: string[] = [];
  let isEnding = false;

  async function callOnce(name: string, url: string): Promise<number | undefined> {
    const params = [{ name, web_password: 'correct7horse', i_tariff: '1' }];
    const call = { url, method: 'createCustomer', params, user: 'root', password: rootPassword, idempotencyKey: name };
    try {
      return createdId(await callRemote(call));
    } catch (error) {
      const { message } = error as Error;
      if (!repeatable.test(message) && !/does not answer|HTTP 50\d/.test(message)) throw error;
      setbacks.push(message);
      await sleep(pauseMs);
      return undefined;
    }
  }

  async function callUntilAnswered(first: number): Promise<void> {
    const name = `customer-${randomUUID()}`;
    let id: number | undefined;
    for (let attempt = first; id === undefined; attempt += 1) {
      id = await callOnce(name, urls[attempt % urls.length] ?? '');
    }
    answered.push({ name, id, at: Date.now() });
  }

  async function run(caller: number): Promise<void> {
    for (let call = 0; !isEnding; call += 1) await callUntilAnswered(caller + call);
  }

  let failure: unknown;
  const running = Promise.all(Array.from({ length: count }, (_, caller) => run(caller)));
  running.catch((error: unknown) => {
    failure = error;
  });
  return {
    answered,
    /** Every answer that was not OK, in the order in which they came. */
    setbacks,
    /** How many calls were answered OK. Fails as soon as a caller got what it must not get. */
    count(since = 0): number {
      if (failure) throw failure;
      return answered.filter(({ at }) => at >= since).length;
    },
    /** Lets every caller finish its last call. */
    async end(): Promise<void> {
      isEnding = true;
      await running;
    },
  };
}

/** The names of the customers that calls have created, and those that were answered OK but are not there as answered. */
export async function compareWithDatabase(db: Database, answered: readonly Answered[]) {
  const rows = await db('customers').where('i_customer', '>', 1).select('i_customer', 'name');
  const stored = new Map(rows.map(({ name, i_customer }) => [name, i_customer]));
  return {
    stored: rows.length,
    lost: answered.filter(({ name, id }) => stored.get(name) !== id),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../services/wait-for.ts';
import { createCallClient, type Heard } from './call-client.ts';
import type { Random } from './random.ts';

/** What a client knows of one logical call, which it repeats with the same key until it knows its outcome. */
export interface Call {
  readonly key: string;
  readonly name: string;
  /** The fault that it was sent into. */
  readonly round: number;
  /** Whether its client gives up when nothing but definite faults came. */
  readonly givesUp: boolean;
  readonly attempts: Attempt[];
  /** Acknowledged with an id, given up after nothing but definite faults, or refused with a fault that must not come. */
  end?: { readonly i_customer: number } | 'given up' | { readonly fault: number };
}

export interface Attempt {
  readonly requestId: string;
  readonly heard: Heard;
}

/** Faults that leave the outcome open: the call is repeated with the same key. */
const openFaults: readonly number[] = [500, 504];

/** Faults that promise that nothing was created, and that another attempt may succeed. */
const passingFaults: readonly number[] = [408, 429, 503];

/** One client of so many gives up at the first definite fault: its key must not have a row. */
const quitterEvery = 8;

const shortestPauseMs = 100;
const pauseSpreadMs = 400;

/**
 * How long a client waits for an answer: longer than the one replica may take, with its grace and on a busy machine, and
 * not as long as the other one, where its job may then still be created while it repeats the call.
 */
const patienceMs = 9000;

/** True for an attempt that was promised to have created nothing. */
export function isDefinite({ heard }: Attempt): boolean {
  return typeof heard === 'object' && 'fault' in heard && !openFaults.includes(heard.fault);
}

function endOf(call: Call, heard: Heard): Call['end'] {
  if (heard === 'nothing') return undefined;
  if ('i_customer' in heard) return heard;
  if (!isDefinite({ requestId: '', heard })) return undefined;
  if (!passingFaults.includes(heard.fault)) return heard;
  return call.givesUp && call.attempts.every(isDefinite) ? 'given up' : undefined;
}

/** Clients that repeat every call at the other replica until its outcome is known. */
export function createLoad(options: {
  readonly urls: readonly string[];
  readonly random: Random;
  readonly maxAttempts?: number;
}) {
  const { urls, random, maxAttempts = Number.POSITIVE_INFINITY } = options;
  const client = createCallClient(patienceMs);
  const calls: Call[] = [];
  let running = 0;
  let isOver = false;

  async function run(call: Call, first: number): Promise<void> {
    for (let attempt = 0; call.end === undefined && attempt < maxAttempts && !isOver; attempt += 1) {
      if (attempt > 0) await sleep(shortestPauseMs + random() * pauseSpreadMs);
      const requestId = `${call.key}.${attempt}`;
      const heard = await client.send(urls[(first + attempt) % urls.length] ?? '', { ...call, requestId });
      call.attempts.push({ requestId, heard });
      const end = endOf(call, heard);
      if (end !== undefined) call.end = end;
    }
  }

  return {
    calls: calls as readonly Call[],
    /** Sends a new call. */
    send(round: number): void {
      const number = calls.length;
      const givesUp = number % quitterEvery === 0;
      const call: Call = { key: `key-${number}`, name: `Customer ${number}`, round, givesUp, attempts: [] };
      calls.push(call);
      running += 1;
      void run(call, number).finally(() => {
        running -= 1;
      });
    },
    /** Waits until no client repeats its call any more, and ends those that still do by then. */
    async finish(limitMs: number): Promise<void> {
      await waitFor(() => running === 0, limitMs).catch(() => {});
      isOver = true;
      client.close();
    },
  };
}

export type Load = ReturnType<typeof createLoad>;

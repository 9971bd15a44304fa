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

/** After nothing but definite faults, some clients give up: their keys must not have a row. */
const givesUp = 0.25;

const shortestPauseMs = 100;
const pauseSpreadMs = 400;

/** A client waits for longer than the service may take: the wait, the grace after it, and a busy machine. */
const patienceBeyondWaitMs = 4000;

/** True for an attempt that was promised to have created nothing. */
export function isDefinite({ heard }: Attempt): boolean {
  return typeof heard === 'object' && 'fault' in heard && !openFaults.includes(heard.fault);
}

function endOf(call: Call, heard: Heard, random: Random): Call['end'] {
  if (heard === 'nothing') return undefined;
  if ('i_customer' in heard) return heard;
  if (!isDefinite({ requestId: '', heard })) return undefined;
  if (!passingFaults.includes(heard.fault)) return heard;
  return call.attempts.every(isDefinite) && random() < givesUp ? 'given up' : undefined;
}

/** Clients that repeat every call at the other replica until its outcome is known. */
export function createLoad(options: {
  readonly urls: readonly string[];
  readonly waitTimeoutMs: number;
  readonly random: Random;
}) {
  const { urls, random } = options;
  const client = createCallClient(options.waitTimeoutMs + patienceBeyondWaitMs);
  const calls: Call[] = [];
  let isOver = false;

  async function run(call: Call, first: number): Promise<void> {
    for (let attempt = 0; call.end === undefined && !isOver; attempt += 1) {
      if (attempt > 0) await sleep(shortestPauseMs + random() * pauseSpreadMs);
      const requestId = `${call.key}.${attempt}`;
      const heard = await client.send(urls[(first + attempt) % urls.length] ?? '', { ...call, requestId });
      call.attempts.push({ requestId, heard });
      const end = endOf(call, heard, random);
      if (end !== undefined) call.end = end;
    }
  }

  return {
    calls: calls as readonly Call[],
    /** Sends a new call. */
    send(round: number): void {
      const number = calls.length;
      const call: Call = { key: `key-${number}`, name: `Customer ${number}`, round, attempts: [] };
      calls.push(call);
      void run(call, number);
    },
    /** Waits until every call has an end, and ends those that have none by then. */
    async finish(limitMs: number): Promise<void> {
      await waitFor(() => calls.every(({ end }) => end !== undefined), limitMs).catch(() => {});
      isOver = true;
      client.close();
    },
  };
}

export type Load = ReturnType<typeof createLoad>;

import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash } from '@node-rs/argon2';
import { decodeBody } from '../api/charset.ts';
import { decodeCall } from '../api/decode.ts';
import { encodeCall } from '../api/encode.ts';
import { connect } from '../db/connect.ts';
import { createCustomers, type NewCustomerCall } from '../db/customers.ts';
import { withoutPasswords } from '../db/find-problems.ts';
import { fromJson } from '../schemas/convert.ts';
import { createParameterCheck } from '../schemas/validate.ts';
import { allMembers } from '../test/services/all-members.ts';
import type { BenchGround } from './ground.ts';

const second = 1000;

/** One for each processor, of those for which libuv has threads: more would take each other's memory from the caches. */
const hashLanes = Math.min(availableParallelism(), 4);
const insertLanes = 16;

/** OWASP's parameters, which are the default of the service. */
export const defaultHash = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

async function perSecond(lanes: number, forMs: number, run: () => unknown): Promise<number> {
  const started = performance.now();
  let done = 0;
  async function lane(): Promise<void> {
    while (performance.now() - started < forMs) {
      await run();
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * second) / (performance.now() - started);
}

/** Password hashes in a second, and nothing else. */
export function hashesPerSecond(forMs: number): Promise<number> {
  return perSecond(hashLanes, forMs, () => hash('correct7horse', defaultHash));
}

/** Full calls read in a second by one processor, and nothing else. */
export function decodesPerSecond(forMs: number): Promise<number> {
  const body = Buffer.from(encodeCall('createCustomer', [allMembers('U'.repeat(24), 1)]));
  return perSecond(1, forMs, () => decodeCall(decodeBody(body, 'text/xml')));
}

/** The same rows, inserted one by one with the prepared statement, and nothing else. */
export function createInserting({ databaseUrl }: BenchGround, agent: number) {
  const check = createParameterCheck();
  const nameBytes = 24;

  function makeCall(): NewCustomerCall {
    const unique = randomUUID().replaceAll('-', '').slice(0, nameBytes);
    const members = Object.entries(allMembers(unique, agent)).map(([name, value]) => [name, fromJson(value)] as const);
    const checked = check(new Map(members));
    if (!checked.ok) throw new Error('The call of the benchmark is wrong');
    const customer = { members: withoutPasswords(checked.params), web_password_hash: 'none', api_ha1: 'none' };
    const who = { mode: 'customer', i_caller: 1, address: '127.0.0.1', requestId: unique } as const;
    return { customer, creation: { i_wholesaler: 1, key: unique, paramsHash: unique, deadline: null, ...who } };
  }

  return async function rowsPerSecond(forMs: number): Promise<number> {
    const db = connect({ url: databaseUrl, applicationName: 'limit', maxConnections: insertLanes });
    try {
      return await perSecond(insertLanes, forMs, () => createCustomers(db, [makeCall()]));
    } finally {
      await db.destroy();
    }
  };
}

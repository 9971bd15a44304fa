import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { decodeBody } from '../api/charset.ts';
import { decodeCall } from '../api/decode.ts';
import { encodeCall } from '../api/encode.ts';
import { allMembers } from '../test/services/all-members.ts';
import { alternate, median, medianRatio } from './statistics.ts';
import type { Row } from './table.ts';

interface PackageDeserializer {
  deserializeMethodCall(stream: Readable, callback: (error: Error | null) => void): void;
}

/** Not part of the package's types: its decoder, which its server uses. */
const PackageDecoder = createRequire(import.meta.url)('xmlrpc/lib/deserializer') as new () => PackageDeserializer;

const rounds = 15;
const callsInRound = 1000;
const microseconds = 1000;

function decodeHere(body: Buffer): void {
  decodeCall(decodeBody(body, 'text/xml'));
}

function decodeByPackage(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    new PackageDecoder().deserializeMethodCall(Readable.from([body]), done);
  });
}

/** Milliseconds of one call, over many. */
async function time(run: () => void | Promise<void>, calls: number): Promise<number> {
  const started = performance.now();
  for (let call = 0; call < calls; call += 1) await run();
  return (performance.now() - started) / calls;
}

async function compare(what: string, body: Buffer): Promise<readonly Row[]> {
  const results = await alternate(rounds, {
    ours: () => time(() => decodeHere(body), callsInRound),
    theirs: () => time(() => decodeByPackage(body), callsInRound / 4),
  });
  return [
    { what: `decode ${what}`, value: median(results.ours) * microseconds, unit: 'µs', promised: { atMost: 100 } },
    {
      what: `decode ${what}: rate ÷ that of the package xmlrpc`,
      value: medianRatio(results.theirs, results.ours),
      unit: '',
      promised: { atLeast: 8 },
    },
  ];
}

function latin(members: ReturnType<typeof allMembers>): ReturnType<typeof allMembers> {
  return JSON.parse(JSON.stringify(members).replaceAll(/[^\x20-\x7e]/g, 'x'));
}

/** Decodes the call with all 62 members: in ASCII, and with umlauts, Cyrillic and Chinese among them. */
export async function benchDecode(): Promise<readonly Row[]> {
  const members = allMembers('bench', 2);
  const bodyOf = (call: typeof members) => Buffer.from(encodeCall('createCustomer', [call]));
  return [
    ...(await compare('62 members, ASCII', bodyOf(latin(members)))),
    ...(await compare('62 members, four scripts', bodyOf(members))),
  ];
}

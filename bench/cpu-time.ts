import { readdirSync, readFileSync } from 'node:fs';

const nanosecondsPerMillisecond = 1e6;

/** CPU time that a process has used so far in all its threads, in ms. Linux alone tells it this finely. */
export function cpuTimeMs(pid: number): number {
  const threads = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(threads).map((thread) => {
    const [running = '0'] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ');
    return Number(running);
  });
  return nanoseconds.reduce((sum, value) => sum + value, 0) / nanosecondsPerMillisecond;
}

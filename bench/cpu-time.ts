import { readdirSync, readFileSync } from 'node:fs';

const nanosecondsPerMillisecond = 1e6;

/** What can be read of a process, unless it has ended meanwhile: a server ends its children as it likes. */
export function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** CPU time that a process has used so far in all its threads, in ms. Linux alone tells it this finely. */
export function cpuTimeMs(pid: number): number {
  const threads = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(threads).map((thread) => {
    const [running = '0'] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ');
    return Number(running);
  });
  return nanoseconds.reduce((sum, value) => sum + value, 0) / nanosecondsPerMillisecond;
}

/** Linux counts in hundredths of a second here. */
const tickMs = 10;

/** CPU time of children that have ended and were waited for. */
function endedChildrenMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [user, system] = fields.slice(13, 15);
  return (Number(user) + Number(system)) * tickMs;
}

/** The same for a process and its children, as the server of PostgreSQL has one for each connection. */
export function familyCpuTimeMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  const living = children.map((child) => unlessGone(() => cpuTimeMs(Number(child)), 0));
  return [cpuTimeMs(pid), ...living].reduce((sum, ms) => sum + ms, endedChildrenMs(pid));
}

// One sentence for one glance: does it work, and if not, what is missing.
import { byId, setText } from './dom.js';
import { duration, number } from './format.js';

/** @typedef {import('./history.js').Overview} Overview */
/** @typedef {{ readonly look: 'good' | 'warn' | 'bad' | '', readonly title: string, readonly why: string }} Verdict */

/** Faults that are no mistake of the caller: refused for too much load, given up, or failed. */
const faultsOfOurs = ['408', '429', '500', '503', '504'];

/** A call that waits longer for a worker than this is noticed by whoever waits for its answer. */
const longWaitMs = 5000;

/**
 * What does not answer, without which no call can end well.
 * @param {Overview} overview
 * @returns {string | undefined}
 */
function whatIsMissing({ kind, state: { database, depths, workers } }) {
  if (!database) return 'The database does not answer.';
  if (!depths) return `${kind === 'redis' ? 'Redis' : 'The queue in PostgreSQL'} does not answer.`;
  return workers === 0 ? 'No worker is there to take calls.' : undefined;
}

/**
 * Faults of the last minute that callers are not to blame for.
 * @param {Readonly<Record<string, number>>} calls
 */
function troubles(calls) {
  return faultsOfOurs.filter((code) => calls[code]).map((code) => `${number(calls[code] ?? 0)} × ${code}`);
}

/**
 * @param {Overview} overview
 * @returns {Verdict}
 */
function judge(overview) {
  const missing = whatIsMissing(overview);
  if (missing !== undefined) return { look: 'bad', title: 'Calls cannot be answered', why: missing };
  const { calls = {}, p99, wait99 = 0 } = overview.recent ?? {};
  const faults = troubles(calls);
  if (faults.length > 0) {
    return { look: 'warn', title: 'It works, but not for everybody', why: `In the last minute: ${faults.join(', ')}.` };
  }
  if (wait99 > longWaitMs) {
    return { look: 'warn', title: 'It works, but slowly', why: `Calls wait up to ${duration(wait99)} for a worker.` };
  }
  const why =
    p99 === undefined ? 'Nobody has called in the last minute.' : `99 of 100 calls take less than ${duration(p99)}.`;
  return { look: 'good', title: 'It works', why };
}

const title = document.title;

/** @param {Verdict} verdict */
function write({ look, title: sentence, why }) {
  byId('verdict').className = `verdict ${look}`;
  setText('verdict-title', sentence);
  setText('verdict-why', why);
  // Also for those who have the page in a tab behind others.
  document.title = look === 'good' || look === '' ? title : `⚠ ${sentence} · ${title}`;
}

/** @param {Overview} overview */
export function showVerdict(overview) {
  write(judge(overview));
}

/** For as long as the monitor itself does not answer. */
export function showNoVerdict() {
  write({ look: 'bad', title: 'Nothing is known', why: 'The monitor does not answer.' });
}

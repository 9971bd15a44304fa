// The parts of the overview beside the charts.
import { byId, make, row, setText, showRows } from './dom.js';
import { duration, number, size, time } from './format.js';
import { faultsIn } from './history.js';
import { outcomeBadge } from './life.js';

/** @typedef {import('./history.js').Recent} Recent */
/** @typedef {import('./history.js').State} State */
/** @typedef {import('./history.js').Call} Call */
/** @typedef {import('./history.js').Overview} Overview */

const msPerSecond = 1000;
const whole = 100;

/** @param {Recent | undefined} recent */
export function showRecent(recent) {
  const { seconds = 60, calls = {}, p50, p99, wait99, hashes = 0, hashMs = 0 } = recent ?? {};
  const faults = faultsIn(calls);
  setText('rate', recent ? number(((calls.OK ?? 0) + faults) / seconds) : '–');
  setText(
    'rate-more',
    recent
      ? `${number(calls.OK ?? 0)} OK, ${number(faults)} ${faults === 1 ? 'fault' : 'faults'} in a minute`
      : 'unknown',
  );
  setText('p99', duration(p99));
  setText(
    'p99-more',
    p50 === undefined ? 'none answered OK in a minute' : `median ${duration(p50)}, wait p99 ${duration(wait99)}`,
  );
  setText('hashing', recent ? number(hashMs / msPerSecond / seconds) : '–');
  setText(
    'hashing-more',
    hashes === 0 ? 'no passwords in a minute' : `${number(hashes / seconds)}/s, ${duration(hashMs / hashes)} each`,
  );
}

/** @param {State} state */
export function showQueues({ depths: queues, workers }) {
  const [calls, imports] = queues ?? [];
  setText('waiting', calls ? number(calls.waiting) : '–');
  setText(
    'waiting-more',
    calls && imports
      ? `${number(calls.active)} in hand, ${number(imports.waiting + imports.active)} import chunks`
      : 'unknown',
  );
  badge(
    'worker-badge',
    workers === undefined
      ? ['', 'Workers unknown']
      : [workers > 0 ? 'good' : 'bad', `${workers} ${workers === 1 ? 'worker' : 'workers'}`],
  );
}

/**
 * @param {string} id
 * @param {readonly [string, string]} look
 */
export function badge(id, [look, text]) {
  byId(id).className = `badge ${look}`;
  setText(id, text);
}

/**
 * @param {string} id
 * @param {Readonly<Record<string, string>>} facts
 */
function showFacts(id, facts) {
  byId(id).replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [make('dt', name), make('dd', value)]));
}

/** @param {Overview} overview */
export function showStores({ kind, state: { database, redis, depths: queues } }) {
  badge('database-badge', database ? ['good', 'Database up'] : ['bad', 'Database does not answer']);
  const store = kind === 'redis' ? 'Redis' : 'Queue in PostgreSQL';
  badge('queue-badge', queues ? ['good', `${store} up`] : ['bad', `${store} does not answer`]);
  showFacts(
    'database',
    database
      ? {
          Version: `PostgreSQL ${database.version}`,
          Connections: `${database.connections} of ${database.maxConnections}`,
          Size: size(database.sizeBytes),
          'Highest customer id': number(database.customers),
        }
      : { State: 'does not answer' },
  );
  const failed = queues ? { 'Failed jobs kept': number(queues.reduce((sum, queue) => sum + queue.failed, 0)) } : {};
  showFacts(
    'store',
    redis
      ? {
          Version: `Redis ${redis.version}`,
          Memory: size(redis.usedMemoryBytes),
          Connections: number(redis.clients),
          'Eviction policy':
            redis.evictionPolicy === 'noeviction' ? 'noeviction' : `${redis.evictionPolicy}: jobs may be lost`,
          ...failed,
        }
      : { Store: store, ...(queues ? failed : { State: 'does not answer' }) },
  );
}

/** @param {readonly (readonly [code: string, count: number])[]} counts the most frequent first */
export function showFaults(counts) {
  const most = counts[0]?.[1] ?? 1;
  const rows = counts.map(([code, count]) => {
    const bar = make('span');
    bar.style.width = `${(count / most) * whole}%`;
    return make('li', outcomeBadge(code), make('div.bar-of', bar), make('span.number', number(count)));
  });
  showRows('faults', rows);
}

/** @param {State} state */
export function showImports({ imports = [], depths: queues }) {
  const chunks = (queues?.[1]?.waiting ?? 0) + (queues?.[1]?.active ?? 0);
  const isBusy = chunks > 0;
  setText(
    'no-imports',
    isBusy
      ? `One has begun: ${number(chunks)} of its chunks are in the queue, none is done yet.`
      : 'None within ten minutes.',
  );
  showRows(
    'imports',
    imports.map((entry, index) => {
      const state = isBusy && index === 0 ? make('span.badge.good', 'in progress') : make('span.badge', 'quiet');
      const name = make('span', entry.import_id, ...(entry.dry_run ? [' ', make('span.badge', 'dry run')] : []));
      const counts = [entry.created, entry.failed, entry.chunks].map((count) => make('td.number', number(count)));
      return row(name, state, ...counts);
    }),
  );
}

/**
 * @param {readonly Call[]} calls
 * @param {(text: string) => void} search searches for a call that is chosen
 */
export function showNewest(calls, search) {
  const rows = calls.map((call) => {
    const name = make('button.link', call.name ?? 'Call');
    name.addEventListener('click', () => search(call.request_id));
    const took = Date.parse(call.answered_at) - Date.parse(call.received_at);
    const cells = [make('td.grows', name), make('td.number', duration(took)), make('td.mono.muted', call.request_id)];
    return row(time(call.received_at), outcomeBadge(call.outcome), ...cells);
  });
  showRows('newest', rows);
}

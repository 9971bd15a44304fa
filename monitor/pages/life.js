// What a search finds: customers, and calls with their lives.
import { byId, link, make } from './dom.js';
import { duration, exactTime } from './format.js';

/** @typedef {import('../../db/search-journal.ts').JournalRow} Call */
/** @typedef {import('../../db/search-journal.ts').FoundCustomer} Customer */
/**
 * As it arrives: times are ISO texts.
 * @template T
 * @typedef {{ [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] }} Sent
 */

const steps = /** @type {const} */ ([
  ['Received', 'received_at'],
  ['Queued', 'queued_at'],
  ['Taken', 'taken_at'],
  ['Committed', 'committed_at'],
  ['Answered', 'answered_at'],
]);

/** @param {Sent<Call>} call */
function life(call) {
  const begin = Date.parse(call.received_at);
  const items = steps.map(([name, column]) => {
    const at = call[column];
    if (at === null) return make('li.skipped', make('span.step', name), make('span.time', '–'));
    const after = column === 'received_at' ? '' : ` · +${duration(Date.parse(at) - begin)}`;
    return make('li', make('span.step', name), make('span.time', `${exactTime(at)}${after}`));
  });
  return make('ol.life', ...items);
}

/**
 * Names and values; what has no value is left out.
 * @param {readonly (readonly [string, Node | string | number | null])[]} pairs
 */
function ids(pairs) {
  const shown = pairs.filter(([, value]) => value !== null);
  return make(
    'dl.ids',
    ...shown.map(([name, value]) =>
      make('div', make('dt', name), make('dd', value instanceof Node ? value : `${value}`)),
    ),
  );
}

/** @param {string | null} jobId */
function jobLink(jobId) {
  return jobId === null ? null : link(`/queues/queue/create-customer/${encodeURIComponent(jobId)}`, jobId);
}

/**
 * The badge of an outcome: OK, a fault of the caller, or a fault of ours.
 * @param {string} outcome
 */
export function outcomeBadge(outcome) {
  if (outcome === 'OK') return make('span.badge.good', 'OK');
  return make(['500', '503', '504'].includes(outcome) ? 'span.badge.bad' : 'span.badge.warn', outcome);
}

/** @param {Sent<Call>} call */
function callCard(call) {
  const title = make('div.title', outcomeBadge(call.outcome), make('h3', call.name ?? 'Call'));
  if (call.dry_run) title.append(make('span.badge', 'dry run'));
  if (call.replayed) title.append(make('span.badge', 'replayed'));
  const card = make('article.card.found', title);
  if (call.fault_text) card.append(make('p.note', call.fault_text));
  card.append(
    ids([
      ['Customer', call.i_customer],
      ['Login', call.web_login],
      ['Parent', call.i_wholesaler],
      ['From', call.address],
      ['Mode', call.mode],
      ['Request', call.request_id],
      ['Idempotency key', call.idempotency_key],
      ['Job', jobLink(call.job_id)],
    ]),
    life(call),
  );
  return card;
}

/** @param {Sent<Customer>} customer */
function customerCard(customer) {
  const title = make('div.title', make('span.badge', 'customer'), make('h3', customer.name));
  const facts = ids([
    ['Id', customer.i_customer],
    ['Login', customer.web_login],
    ['Parent', customer.i_wholesaler],
    ['Created', exactTime(customer.created_at)],
    ['From', customer.address],
    ['Mode', customer.mode],
    ['Request', customer.request_id],
  ]);
  return make('article.card.found', title, facts);
}

/**
 * Shows what was found, or why nothing was.
 * @param {{ calls?: Sent<Call>[], customers?: Sent<Customer>[], error?: string }} found
 * @param {string} text what was searched for
 */
export function showFound({ calls = [], customers = [], error }, text) {
  const count = calls.length + customers.length;
  const clear = make('button', 'Close');
  clear.addEventListener('click', () => {
    byId('results').hidden = true;
    history.replaceState(null, '', '/');
  });
  const said =
    error ?? (count === 0 ? `Nothing found for “${text}”. Calls are kept for a week.` : `Found for “${text}”`);
  const section = byId('results');
  section.replaceChildren(
    make('div.top', make('h2', said), clear),
    ...customers.map(customerCard),
    ...calls.map(callCard),
  );
  section.hidden = false;
}

// The overview: asks for what is new every two seconds, and shows it.
import { byId } from './dom.js';
import { countFaults, drawCharts, forget, keep, newestTime } from './history.js';
import { showFound } from './life.js';
import { badge, showFaults, showImports, showNewest, showQueues, showRecent, showStores } from './panels.js';
import { showNoVerdict, showVerdict } from './verdict.js';

/** @typedef {import('./history.js').Overview} Overview */

const askEveryMs = 2000;
const giveUpMs = 10_000;

let range = 300;

/** @param {Overview} overview */
function show(overview) {
  keep(overview);
  showVerdict(overview);
  drawCharts(overview);
  showRecent(overview.recent);
  showQueues(overview.state);
  showStores(overview);
  showFaults(countFaults());
  showImports(overview.state);
  if (overview.newest) showNewest(overview.newest, (text) => void search(text));
}

/**
 * Asks this host. A path alone would inherit user and password from the address of the page, where a browser allows none for a request.
 * @param {string} path
 */
function askHost(path) {
  return fetch(location.origin + path, { signal: AbortSignal.timeout(giveUpMs) });
}

async function ask() {
  const wanted = range;
  const last = newestTime();
  const since = last === undefined ? '' : `&since=${last}`;
  const response = await askHost(`/api/overview?range=${wanted}${since}`);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const overview = await response.json();
  if (wanted === range) show(overview);
}

async function askForEver() {
  for (;;) {
    if (!document.hidden) {
      await ask().catch(() => {
        showNoVerdict();
        badge('database-badge', ['', 'Database unknown']);
        badge('queue-badge', ['', 'Queue unknown']);
        badge('worker-badge', ['', 'Workers unknown']);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

/** @param {string} text */
async function search(text) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector('#search input'));
  input.value = text;
  history.replaceState(null, '', `/?q=${encodeURIComponent(text)}`);
  try {
    const response = await askHost(`/api/search?q=${encodeURIComponent(text)}`);
    showFound(await response.json(), text);
  } catch {
    showFound({ error: 'The monitor does not answer.' }, text);
  }
  byId('results').scrollIntoView({ block: 'nearest' });
}

const form = /** @type {HTMLFormElement} */ (byId('search'));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void search(String(new FormData(form).get('q')).trim());
});

const rangeButtons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-range]'));
for (const button of rangeButtons) {
  button.addEventListener('click', () => {
    range = Number(button.dataset.range);
    forget();
    for (const other of rangeButtons) other.ariaPressed = String(other === button);
    void ask().catch(() => {});
  });
}

const asked = new URLSearchParams(location.search).get('q');
if (asked) void search(asked);
void askForEver();

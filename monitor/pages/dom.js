// Small helpers to build a page. Texts from elsewhere become text, never HTML.

/**
 * The element of the page with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}`);
  return element;
}

/**
 * Makes an element.
 * @param {string} tag with a class after a dot, if it has one
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function make(tag, ...children) {
  const [name = 'div', ...classes] = tag.split('.');
  const element = document.createElement(name);
  element.className = classes.join(' ');
  element.append(...children);
  return element;
}

/**
 * A link within the monitor.
 * @param {string} href
 * @param {string} text
 */
export function link(href, text) {
  const element = document.createElement('a');
  element.href = href;
  element.textContent = text;
  return element;
}

/**
 * Sets a text where it differs, so that nothing is announced twice.
 * @param {string} id
 * @param {string} text
 */
export function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows rows in a table, or the sentence that there are none.
 * @param {string} id of the table; the sentence has the same with `no-` before it
 * @param {readonly Node[]} rows
 */
export function showRows(id, rows) {
  const element = byId(id);
  (element.querySelector('tbody') ?? element).replaceChildren(...rows);
  element.hidden = rows.length === 0;
  byId(`no-${id}`).hidden = rows.length > 0;
}

/**
 * Values of a table's row.
 * @param {...(Node | string)} cells
 */
export function row(...cells) {
  return make('tr', ...cells.map((cell) => (cell instanceof HTMLTableCellElement ? cell : make('td', cell))));
}

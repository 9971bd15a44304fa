// The reference without this script is whole: it filters the members, and copies examples.

const filter = /** @type {HTMLInputElement} */ (document.getElementById('filter'));
const rows = /** @type {NodeListOf<HTMLTableRowElement>} */ (document.querySelectorAll('#member-rows tr'));
const none = /** @type {HTMLElement} */ (document.getElementById('no-member'));

const messageMs = 1500;

filter.addEventListener('input', () => {
  const wanted = filter.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    row.hidden = !row.innerText.toLowerCase().includes(wanted) && !row.id.includes(wanted);
    if (!row.hidden) shown += 1;
  }
  none.hidden = shown > 0;
});

/**
 * Where the page is not served over TLS from afar, browsers give no clipboard: then the text is selected for Ctrl-C.
 * @param {HTMLElement} source
 */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return 'Copied';
  } catch {
    getSelection()?.selectAllChildren(source);
    return 'Selected';
  }
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('button.copy'))) {
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copies ?? '');
    if (!source) return;
    button.textContent = await copy(source);
    setTimeout(() => {
      button.textContent = 'Copy';
    }, messageMs);
  });
}

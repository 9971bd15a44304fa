/** The complement of the production Char, XML 1.0 (fifth edition), section 2.2, within the basic plane. */
const suspect = /[^\t\n\r -\uD7FF\uE000-\uFFFD]/;

/** A pair of surrogates, which is one good character, or a character that is forbidden, a lone surrogate included. */
const pairOrForbidden = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\t\n\r -\uD7FF\uE000-\uFFFD]/g;

const pairLength = 2;

/** Quoted names are cut here: long enough to be recognised, short enough for a fault and a log line. */
const maxQuotedLength = 60;

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/**
 * The index of the first character that XML 1.0 cannot carry, a lone surrogate included; -1 when there is none. Not a
 * regular expression with the flag `u`, which takes four times as long.
 */
export function findForbidden(text: string): number {
  if (!suspect.test(text)) {
    return -1;
  }
  for (const { 0: found, index } of text.matchAll(pairOrForbidden)) {
    if (found.length < pairLength) {
      return index;
    }
  }
  return -1;
}

/** The text with `?` in the place of every character that XML 1.0 cannot carry. */
export function replaceForbidden(text: string): string {
  return text.replaceAll(pairOrForbidden, (found) => (found.length < pairLength ? '?' : found));
}

/** True for text that is empty or XML white space only (space, tab, CR, LF; a no-break space is not among them). */
export function isBlank(text: string): boolean {
  let index = 0;
  while (index < text.length && isWhiteSpace(text.charCodeAt(index))) {
    index += 1;
  }
  return index === text.length;
}

/** Removes outer XML white space. A loop, because the regular expression for it takes quadratic time on inner runs. */
export function trimXml(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) {
    start += 1;
  }
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) {
    end -= 1;
  }
  return text.slice(start, end);
}

/** Cuts a name or a message that a stranger chose to a length fit for one line. */
export function shorten(text: string): string {
  return text.length <= maxQuotedLength ? text : `${text.slice(0, maxQuotedLength)}…`;
}

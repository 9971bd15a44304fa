/** Beyond the basic plane a character is a pair of surrogates, so text that matches here needs a second look. */
const needsSecondLook = /[^\t\n\r -\uD7FF\uE000-\uFFFD]/;

/** The complement of the production Char, XML 1.0 (fifth edition), section 2.2. A lone surrogate matches too. */
const forbidden = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Quoted names are cut here: long enough to be recognised, short enough for a fault and a log line. */
const maxQuotedLength = 60;

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The production Char, XML 1.0 (fifth edition), section 2.2. */
function isChar(code: number): boolean {
  if (code < 0x20) {
    return isWhiteSpace(code);
  }
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

/**
 * The index of the first character that XML 1.0 cannot carry, a lone surrogate included; -1 when there is none. A loop,
 * since a regular expression that knows pairs of surrogates takes four times as long.
 */
export function findForbidden(text: string): number {
  let index = text.search(needsSecondLook);
  while (index >= 0 && index < text.length) {
    const code = text.codePointAt(index) ?? 0;
    if (!isChar(code)) {
      return index;
    }
    index += code >= 0x10000 ? 2 : 1;
  }
  return -1;
}

/** The text with `?` in the place of every character that XML 1.0 cannot carry. */
export function replaceForbidden(text: string): string {
  return needsSecondLook.test(text) ? text.replace(forbidden, '?') : text;
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

import { type Frame, grammar, type Rule } from './grammar.ts';
import type { Handlers } from './parse-xml.ts';
import { isBlank, shorten } from './xml-characters.ts';

/** Values inside values; the value of a parameter is the first. */
export const maxDepth = 32;

/**
 * Values in one document, at any depth. Bounds memory to some 25 MB, and leaves room for a system.multicall of 1000
 * calls with 62 members each, which holds about 66,000.
 */
export const maxValues = 100_000;

function openFrame(rule: Rule): Frame {
  return { rule, text: '', label: undefined, value: undefined, items: undefined, members: undefined };
}

/** An element with what it takes, for fault texts. The document is the one without a name. */
function describe({ element, children, holdsText }: Rule): string {
  const taken = [...children.map((child) => `<${child}>`), ...(holdsText ? ['text'] : [])].join(', ');
  return `${element === '' ? 'the document' : `<${element}>`}, which takes ${taken}`;
}

/**
 * A stack machine over the grammar: handlers for one document, and the frame of the document itself, in which the root
 * element leaves its outcome. Refuses a document with more than `maxDepth` nested or `maxValues` values in all.
 */
export function buildDocument(root: string): { readonly handlers: Handlers; readonly document: Frame } {
  const document = openFrame({ element: '', children: [root], holdsText: false, close: () => undefined });
  const stack: Frame[] = [];
  let top = document;
  let depth = 0;
  let values = 0;

  function countValue(): string | undefined {
    depth += 1;
    values += 1;
    if (depth > maxDepth) {
      return `values are nested deeper than ${maxDepth}`;
    }
    return values > maxValues ? `the document holds more than ${maxValues} values` : undefined;
  }

  function open(element: string): string | undefined {
    const rule = grammar.get(element);
    if (rule === undefined || !top.rule.children.includes(rule.element)) {
      return `<${shorten(element)}> may not stand in ${describe(top.rule)}`;
    }
    if (top.text !== '') {
      if (!isBlank(top.text)) {
        return 'text stands beside a typed value; remove it';
      }
      top.text = '';
    }
    stack.push(top);
    top = openFrame(rule);
    return rule.element === 'value' ? countValue() : undefined;
  }

  function text(piece: string): string | undefined {
    if (top.rule.holdsText) {
      top.text += piece;
      return undefined;
    }
    const isRefused = top !== document && !isBlank(piece);
    return isRefused ? `text may not stand in ${describe(top.rule)}` : undefined;
  }

  function close(): string | undefined {
    const parent = stack.at(-1) ?? document;
    const problem = top.rule.close(top, parent);
    if (problem === undefined) {
      depth -= top.rule.element === 'value' ? 1 : 0;
      top = parent;
      stack.pop();
    }
    return problem;
  }

  /** The names of the open members, from the outermost. */
  function place(): string {
    const names = [...stack, top].flatMap(({ rule, label }) => (rule.element === 'member' ? [label ?? '?'] : []));
    return names.length === 0 ? '' : `, member ${JSON.stringify(shorten(names.join('.')))}`;
  }

  return { handlers: { open, text, close, place }, document };
}

import { jsonLine } from './print-table.ts';

/** As long as a name may be; whoever gave more knows the rest. */
const longest = 128;

/** A text as a sentence names it: in quotes, on one line, shortened, with escapes for what a terminal would obey. */
export function quoted(text: string): string {
  const characters = [...text];
  return jsonLine(characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text);
}

import { ImportProblem } from './import-problem.ts';
import { chain, readHead } from './read-bytes.ts';

const markBytes = 8;

const utf16Says = 'The file is UTF-16, not UTF-8: convert it first, for example with iconv -f UTF-16';

/** What other files begin with, in hex, and what to do with them. */
const others: readonly (readonly [start: RegExp, says: string])[] = [
  [
    /^(504b0304|d0cf11e0)/,
    'The file is a spreadsheet or an archive, not CSV: save the sheet as "CSV UTF-8", and import that.',
  ],
  [/^25504446/, 'The file is a PDF, not CSV: export the customers as CSV.'],
  [/^(28b52ffd|fd377a58|425a68)/, 'The file is packed, and not by gzip: unpack it first.'],
  [/^(fffe|feff)/, `${utf16Says} -t UTF-8.`],
  [/^((?!00)..00){2}/, `${utf16Says}LE -t UTF-8.`],
  [/^(00(?!00)..){2}/, `${utf16Says}BE -t UTF-8.`],
];

/**
 * Passes bytes on unless the first are those of a file that holds no lines of text in UTF-8, such as programs that show tables
 * save by default.
 * @throws ImportProblem that says what to do with it
 */
export async function* refuseOtherFiles(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = bytes[Symbol.asyncIterator]();
  const head = await readHead(iterator, ({ length }) => length >= markBytes);
  const start = head.toString('hex', 0, markBytes);
  const found = others.find(([pattern]) => pattern.test(start));
  if (found) throw new ImportProblem(found[1]);
  yield* chain(head, iterator);
}

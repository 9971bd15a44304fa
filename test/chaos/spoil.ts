import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** One piece of a compiled file, and what stands there instead in the spoilt program. */
export interface Spoiling {
  /** Below dist/. */
  readonly file: string;
  readonly piece: string;
  readonly instead: string;
}

/**
 * Copies the built program into a folder and takes something out of it, to show that the harness notices.
 * @returns the path of what is run
 * @throws when a piece is not there any more: then the test that needs it shows nothing
 */
export function spoilProgram(folder: string, spoilings: readonly Spoiling[]): string {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, piece, instead } of spoilings) {
    const path = join(folder, 'dist', file);
    const text = readFileSync(path, 'utf8');
    if (text.split(piece).length !== 2) throw new Error(`${file} does not hold this exactly once: ${piece}`);
    writeFileSync(
      path,
      text.replace(piece, () => instead),
    );
  }
  return join(folder, 'dist/cli/createcustomer.cjs');
}

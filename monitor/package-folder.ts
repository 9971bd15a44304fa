import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}

/** The folder of this package, whether the program runs as it is built or from its sources. */
const root = findRoot(import.meta.dirname);

/** The folder with the pages of the monitor and what they need. */
export const pagesFolder = join(root, 'monitor', 'pages');

/** The folder with an example for each client. */
export const examplesFolder = join(root, 'examples');

/** The folder with uPlot as browsers load it. */
export const chartsFolder = dirname(createRequire(import.meta.url).resolve('uplot'));

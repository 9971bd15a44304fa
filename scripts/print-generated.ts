import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { secretNames } from '../runtime/config.ts';
import { settingsSchema } from '../runtime/settings.ts';
import { printedSchemas } from '../schemas/printed.ts';

/** Prints what is generated from the code: the JSON copies of the schemas and `.env.example`. `--check` compares only. */

const root = resolve(import.meta.dirname, '..');

interface Setting {
  readonly description: string;
  readonly default?: string | number;
}

function environmentExample(): string {
  const settings = Object.entries<Setting>(settingsSchema.properties);
  const lines = settings.map(
    ([name, { description, default: value }]) => `# ${description}.\n#${name}=${value ?? ''}\n`,
  );
  return [
    '# Settings of createcustomer, all optional. Copy this file to .env, or set them in the environment.\n' +
      `# ${secretNames.join(', ')}:\n# each may stand in a file instead, whose path NAME_FILE gives.\n`,
    ...lines,
  ].join('\n');
}

const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(printedSchemas).map(([name, json]) => [`schemas/${name}`, `${json}\n`])),
  '.env.example': environmentExample(),
};

for (const [name, text] of Object.entries(files)) {
  const path = resolve(root, name);
  const current = existsSync(path) && readFileSync(path, 'utf8') === text;
  if (current) continue;
  if (process.argv.includes('--check')) {
    console.error(`${name} is out of date: run npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${name}`);
  }
}

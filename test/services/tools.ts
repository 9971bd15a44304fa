import { spawnSync } from 'node:child_process';

/** True when a program is on the PATH. Without it, what needs it is skipped with a word; in CI nothing may be skipped. */
export function isInstalled(program: string): boolean {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return true;
  if (process.env.CI) throw new Error(`${program} is not on the PATH: in CI nothing may be skipped`);
  console.warn(`\n*** SKIPPED: tests that need ${program}. Install it to run them. ***\n`);
  return false;
}

import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 20;

/** Waits until a condition holds. The limit is there to end a test that has failed, never to time anything. */
export async function waitFor(condition: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms in vain for: ${condition}`);
    await sleep(pauseMs);
  }
}

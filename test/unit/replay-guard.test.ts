import { beforeEach, describe, expect, it } from 'vitest';
import { createNonces } from '../../api/nonce.ts';
import { createReplayGuard } from '../../api/replay-guard.ts';

const lifetimeMs = 300_000;
let nowMs: number;
const now = () => nowMs;
const nonces = createNonces({ keys: [Buffer.alloc(32)], lifetimeMs, now });

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
});

describe('The replay guard', () => {
  it('accepts a nonce and count once', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    const nonce = nonces.issue();
    expect(await guard.claim(nonce, '00000001')).toBe(true);
    expect(await guard.claim(nonce, '00000001')).toBe(false);
    expect(await guard.claim(nonce, '00000001')).toBe(false);
  });

  it('asks for no order and no first count', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    const nonce = nonces.issue();
    for (const nc of ['00000007', '00000000', 'ffffffff', '00000006']) expect(await guard.claim(nonce, nc)).toBe(true);
    expect(await guard.claim(nonce, '00000000')).toBe(false);
  });

  it('takes a count in other case for the same count', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    const nonce = nonces.issue();
    expect(await guard.claim(nonce, '0000000a')).toBe(true);
    expect(await guard.claim(nonce, '0000000A')).toBe(false);
  });

  it('keeps nonces of one moment apart', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    expect(await guard.claim(nonces.issue(), '00000001')).toBe(true);
    expect(await guard.claim(nonces.issue(), '00000001')).toBe(true);
  });

  it('remembers a claim for as long as its nonce lives, and refuses the nonce from then on', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    const nonce = nonces.issue();
    await guard.claim(nonce, '00000001');
    for (const waitMs of [1, lifetimeMs - 1, 1, 1, lifetimeMs]) {
      nowMs += waitMs;
      await guard.claim(nonces.issue(), '00000001');
      expect(await guard.claim(nonce, '00000001')).toBe(false);
    }
    expect(await guard.claim(nonce, '00000002')).toBe(false);
  });

  it('has room again when claims have outlived their nonces', async () => {
    const guard = createReplayGuard({ lifetimeMs, now, maxClaims: 2 });
    const claimTwo = async () => {
      const [first, second] = [nonces.issue(), nonces.issue()];
      return [await guard.claim(first, '00000001'), await guard.claim(second, '00000001'), first] as const;
    };
    await claimTwo();
    nowMs += lifetimeMs + 1_000;
    const [, , first] = await claimTwo();
    expect(await guard.claim(first, '00000002')).toBe(true);
  });

  it('refuses the oldest nonces, used or not, when it holds too many claims, and never accepts a replay', async () => {
    const guard = createReplayGuard({ lifetimeMs, now, maxClaims: 2 });
    const [oldest, oldestUnused] = [nonces.issue(), nonces.issue()];
    await guard.claim(oldest, '00000001');
    nowMs += 1_000;
    const newer = nonces.issue();
    await guard.claim(newer, '00000001');
    expect(await guard.claim(newer, '00000002')).toBe(true);
    expect(await guard.claim(oldest, '00000001')).toBe(false);
    expect(await guard.claim(oldestUnused, '00000001')).toBe(false);
    expect(await guard.claim(newer, '00000001')).toBe(false);
  });

  it('refuses a replay also of the very claim that was one too many', async () => {
    const guard = createReplayGuard({ lifetimeMs, now, maxClaims: 1 });
    const nonce = nonces.issue();
    await guard.claim(nonce, '00000001');
    expect(await guard.claim(nonce, '00000002')).toBe(true);
    expect(await guard.claim(nonce, '00000001')).toBe(false);
    expect(await guard.claim(nonce, '00000002')).toBe(false);
  });

  it('refuses nonces from before it began, whose claims it cannot know', async () => {
    const nonce = nonces.issue();
    nowMs += 1;
    const guard = createReplayGuard({ lifetimeMs, now });
    expect(await guard.claim(nonce, '00000001')).toBe(false);
    expect(await guard.claim(nonces.issue(), '00000001')).toBe(true);
  });

  it('goes on when the clock is set back', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    nowMs -= 3_600_000;
    const nonce = nonces.issue();
    await guard.claim(nonce, '00000001');
    nowMs += 1;
    expect(await guard.claim(nonces.issue(), '00000001')).toBe(true);
    expect(await guard.claim(nonce, '00000001')).toBe(false);
  });

  it('refuses what is no nonce of ours', async () => {
    const guard = createReplayGuard({ lifetimeMs, now });
    expect(await guard.claim('', '00000001')).toBe(false);
    expect(await guard.claim('dcd98b7102dd2f0e8b11d0f600bfb0c093', '00000001')).toBe(false);
  });
});

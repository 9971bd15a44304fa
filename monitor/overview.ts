import type { RequestHandler } from 'express';
import { readActivity } from '../db/activity.ts';
import type { Database } from '../db/connect.ts';
import { readNewestCalls } from '../db/search-journal.ts';
import type { BoardQueues } from '../queue/open-board.ts';
import type { Sampler } from './sampler.ts';
import { toPoints, toRecent } from './series.ts';
import { within } from './within.ts';

const msPerSecond = 1000;
const minute = 60;

/** What the page can draw: a span of time, and the step in which it is drawn. */
const ranges = [
  { seconds: 300, step: 2 },
  { seconds: 3600, step: 30 },
] as const;

/** The figures above the charts are of this long. */
const recentSeconds = minute;

const newestCalls = 12;
const answerTimeoutMs = 4000;

/** The wanted range, the shortest by default. */
function rangeOf(text: unknown): (typeof ranges)[number] {
  return ranges.find(({ seconds }) => `${seconds}` === text) ?? ranges[0];
}

/** From when on is asked: since the point that the page has last, or the whole range; and always enough for the figures. */
function sinceOf(text: unknown, { now, seconds, step }: { now: number; seconds: number; step: number }): number {
  const begin = now - seconds;
  const wanted = Math.max(Number(text) || begin, begin);
  return Math.floor(Math.min(wanted, now - recentSeconds) / step) * step;
}

/**
 * Answers what the overview draws, as JSON. `range` is 300 or 3600 seconds; with `since`, only what is newer is answered. A
 * database or a store of the queues that is away leaves its part out, and nothing else.
 */
export function createOverview(parts: {
  readonly db: Database;
  readonly kind: BoardQueues['kind'];
  readonly sampler: Sampler;
}): RequestHandler {
  const { db, kind, sampler } = parts;
  return async (request, response) => {
    await sampler.ready;
    const range = rangeOf(request.query.range);
    const now = Date.now() / msPerSecond;
    const since = sinceOf(request.query.since, { now, ...range });
    const [activity, newest] = await Promise.all([
      within(readActivity(db, { since, step: range.step }), answerTimeoutMs),
      within(readNewestCalls(db, newestCalls), answerTimeoutMs),
    ]);
    response.json({
      now,
      since,
      ...range,
      kind,
      points: activity && toPoints(activity),
      recent: activity && toRecent(activity, { since: now - recentSeconds, seconds: recentSeconds }),
      newest,
      depths: sampler.depthsSince(since),
      state: sampler.state(),
    });
  };
}

// What the charts draw: everything of the span that is known, step by step.
import { createChart } from './charts.js';
import { duration, number } from './format.js';

/** @typedef {import('../series.ts').Point} Point */
/** @typedef {import('../series.ts').Recent} Recent */
/** @typedef {import('../sampler.ts').State} State */
/** @typedef {import('../sampler.ts').DepthSample} DepthSample */
/** @typedef {import('./life.js').Sent<import('../../db/search-journal.ts').JournalRow>} Call */
/**
 * @typedef {{ now: number, since: number, seconds: number, step: number, kind: 'redis' | 'postgres', points?: Point[],
 *   recent?: Recent, newest?: Call[], depths: DepthSample[], state: State }} Overview
 */

/** A second is noted when it is over: the last two steps are not complete. */
const unfinishedSeconds = 3;
const msPerSecond = 1000;

/** @type {Map<number, Point>} */
let points = new Map();
/** @type {DepthSample[]} */
let depths = [];

const charts = {
  calls: createChart(
    'calls-chart',
    [
      { label: 'OK', colour: 'good', fill: true },
      { label: 'Faults', colour: 'bad' },
    ],
    { write: (n) => number(n), empty: 'No calls in this span' },
  ),
  latency: createChart(
    'latency-chart',
    [
      { label: 'p50', colour: 'accent', dots: true },
      { label: 'p99', colour: 'second', dots: true },
    ],
    { write: duration, empty: 'No call was answered OK in this span' },
  ),
  depth: createChart(
    'depth-chart',
    [
      { label: 'Calls', colour: 'accent', fill: true },
      { label: 'Import chunks', colour: 'second' },
    ],
    { write: (n) => (Number.isInteger(n) ? number(n) : ''), empty: 'Nothing waits' },
  ),
  hash: createChart('hash-chart', [{ label: 'Hashes at a time', colour: 'second', fill: true }], {
    write: (n) => number(n),
    empty: 'No password was hashed in this span',
  }),
};

/**
 * How many of these calls were answered with a fault.
 * @param {Readonly<Record<string, number>>} calls
 */
export function faultsIn(calls) {
  return Object.entries(calls).reduce((sum, [outcome, count]) => (outcome === 'OK' ? sum : sum + count), 0);
}

/** Forgets everything, for another span is wanted. */
export function forget() {
  points = new Map();
  depths = [];
}

/** The time of the newest thing that is known; undefined when nothing is. */
export function newestTime() {
  const newest = Math.max(...points.keys(), ...depths.map(({ t }) => t));
  return Number.isFinite(newest) ? newest : undefined;
}

/**
 * Adds what is new, and forgets what has left the span.
 * @param {Overview} overview
 */
export function keep(overview) {
  const begin = overview.now - overview.seconds;
  const kept = [...points].filter(([t]) => t >= begin && t < overview.since);
  points = new Map([...kept, ...(overview.points ?? []).map((point) => /** @type {const} */ ([point.t, point]))]);
  depths = [...depths.filter(({ t }) => t >= begin && t < overview.since), ...overview.depths];
}

/** How often each fault was answered in the span, the most frequent first. */
export function countFaults() {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { calls } of points.values()) {
    for (const [outcome, count] of Object.entries(calls)) {
      if (outcome !== 'OK') counts.set(outcome, (counts.get(outcome) ?? 0) + count);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/**
 * Draws all charts.
 * @param {Overview} overview
 */
export function drawCharts({ now, seconds, step }) {
  const first = Math.ceil((now - seconds) / step) * step;
  const times = Array.from(
    { length: Math.floor((now - unfinishedSeconds - first) / step) },
    (_, index) => first + index * step,
  );
  /** @type {[number, number]} */
  const span = [now - seconds, now];
  /** @param {(point: Point) => number | undefined} read */
  const line = (read) =>
    times.map((t) => {
      const point = points.get(t);
      return point ? (read(point) ?? null) : null;
    });
  /** @param {(point: Point) => number} read */
  const rate = (read) => line((point) => read(point) / step).map((value) => value ?? 0);
  charts.calls.show([times, rate(({ calls }) => calls.OK ?? 0), rate(({ calls }) => faultsIn(calls))], span);
  charts.latency.show([times, line(({ p50 }) => p50), line(({ p99 }) => p99)], span);
  charts.hash.show([times, rate(({ hashMs }) => hashMs / msPerSecond)], span);
  const queue = (/** @type {number} */ place) => depths.map((sample) => sample.depths[place]?.waiting ?? 0);
  charts.depth.show([depths.map(({ t }) => t), queue(0), queue(1)], span);
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { bucketBoundsMs } from './latency-buckets.ts';

const msPerSecond = 1000;
const buckets = bucketBoundsMs.map((ms) => ms / msPerSecond);

/**
 * Every metric of the service: kind, what it says, and its labels. Names begin with `createcustomer_`; those of the
 * Node process itself, which prom-client names, come beside them where metrics are served.
 */
export const metricList = {
  call_duration_seconds: {
    kind: 'histogram',
    help: 'Time from the request to its answer, by outcome: OK or the code of the fault',
    labels: ['outcome'],
  },
  faults_total: { kind: 'counter', help: 'Calls that were answered with a fault, by its code', labels: ['code'] },
  refusals_total: {
    kind: 'counter',
    help: 'Requests that were refused before they were a call, a challenge to log in not counted, by HTTP status',
    labels: ['status'],
  },
  calls_in_flight: { kind: 'gauge', help: 'Calls that this api process has not answered yet', labels: [] },
  queue_wait_seconds: { kind: 'histogram', help: 'Time from the queue to a worker', labels: [] },
  jobs_in_flight: { kind: 'gauge', help: 'Single calls that this worker process has in hand', labels: [] },
  transaction_duration_seconds: {
    kind: 'histogram',
    help: 'Time from the hashed password to the committed customer',
    labels: [],
  },
  hash_duration_seconds: { kind: 'histogram', help: 'Time to hash one password, waiting included', labels: [] },
  retries_total: { kind: 'counter', help: 'Transactions that were run again after a passing error', labels: [] },
  reply_losses_total: {
    kind: 'counter',
    help: 'Calls whose reply did not come, and whose outcome was found in the database or the queue',
    labels: [],
  },
  journal_losses_total: { kind: 'counter', help: 'Calls that are missing in the journal of calls', labels: [] },
  queue_depth: { kind: 'gauge', help: 'Jobs in a queue, by state; told by monitors alone', labels: ['queue', 'state'] },
} as const;

/** Values of the label `state`. */
const jobStates = ['waiting', 'active', 'failed'] as const;

type JobState = (typeof jobStates)[number];

type MetricName = keyof typeof metricList;

/** The prefix of every metric of ours. */
export const metricPrefix = 'createcustomer_';

/** The metrics of this process. Times are given in milliseconds, and told in seconds as Prometheus wants them. */
export function createMetrics() {
  const registry = new Registry();

  function optionsOf(name: MetricName) {
    const { help, labels } = metricList[name];
    return { name: `${metricPrefix}${name}`, help, labelNames: [...labels], registers: [registry] };
  }

  function histogram(name: MetricName) {
    const metric = new Histogram<string>({ ...optionsOf(name), buckets });
    return (ms: number, labels: Readonly<Record<string, string>> = {}) => metric.observe(labels, ms / msPerSecond);
  }

  function counter(name: MetricName) {
    const metric = new Counter<string>(optionsOf(name));
    return (labels: Readonly<Record<string, string>> = {}, by = 1) => metric.inc(labels, by);
  }

  function gauge(name: MetricName) {
    return new Gauge<string>(optionsOf(name));
  }

  let countInFlight = () => 0;
  const callsInFlight = gauge('calls_in_flight');
  const queueDepth = gauge('queue_depth');

  return {
    call: histogram('call_duration_seconds'),
    fault: counter('faults_total'),
    refusal: counter('refusals_total'),
    queueWait: histogram('queue_wait_seconds'),
    jobsInFlight: gauge('jobs_in_flight'),
    transaction: histogram('transaction_duration_seconds'),
    hash: histogram('hash_duration_seconds'),
    retry: counter('retries_total'),
    replyLoss: counter('reply_losses_total'),
    journalLoss: counter('journal_losses_total'),
    /** Gives how many calls are in flight, whenever somebody asks. */
    countInFlight(count: () => number): void {
      countInFlight = count;
    },
    /** Says how many jobs of each queue are in which state; those that are not named are not told any more. */
    depths(queues: readonly ({ readonly queue: string } & Readonly<Record<JobState, number>>)[]): void {
      queueDepth.reset();
      for (const { queue, ...counts } of queues) {
        for (const state of jobStates) queueDepth.set({ queue, state }, counts[state]);
      }
    },
    /** Adds those of the Node process itself. To watch its event loop wakes it a hundred times a second. */
    watchProcess(): void {
      collectDefaultMetrics({ register: registry });
    },
    /** All of them in the text form of Prometheus. */
    print(): Promise<string> {
      callsInFlight.set(countInFlight());
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

import { channel } from 'node:diagnostics_channel';

/**
 * The named steps in the life of a call, in order. What is said about a step is true when it is reached: a call is `queued`
 * once the queue has it, `committed` once the database has the customer.
 */
export const steps = ['received', 'checked', 'queued', 'taken', 'hashed', 'committed', 'replied', 'answered'] as const;

export type Step = (typeof steps)[number];

/** What subscribers are told. */
export interface StepReached {
  readonly step: Step;
  readonly requestId: string;
  /** Known from the step `checked` on. */
  readonly jobId?: string;
}

/** Name of the channel of `node:diagnostics_channel`: whoever subscribes to it is told of every step, synchronously. */
export const stepChannelName = 'createcustomer:step';

const stepChannel = channel(stepChannelName);

/** Says that a call has reached a step. Costs nothing while nobody listens. */
export function reached(step: Step, requestId: string, jobId?: string): void {
  if (!stepChannel.hasSubscribers) return;
  stepChannel.publish({ step, requestId, ...(jobId === undefined ? {} : { jobId }) } satisfies StepReached);
}

/** Name of the channel that is told, without a message, of every transaction that is run again after a passing error. */
export const retryChannelName = 'createcustomer:retry';

const retryChannel = channel(retryChannelName);

/** Says that a transaction is run again. */
export function retried(): void {
  retryChannel.publish(undefined);
}

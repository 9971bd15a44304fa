import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** Who does what in a trace: the front answers, the queue sends and takes, the database is called, or it is work of our own. */
const kinds = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;

/** What one span of a trace is. Its attributes hold no name, no parameter and no secret. */
export interface SpanDescription {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly attributes?: Attributes;
}

let isOn = false;

/** Says that there is a provider of traces. Before that, nothing here costs a call anything: even a span that nobody wants takes a microsecond. */
export function tracingIsOn(): void {
  isOn = true;
}

/**
 * Runs something as a span of the trace that runs, or of a new one. An error marks the span; its text stays in the log, for it
 * may hold what a trace must not.
 */
export function inSpan<T>({ name, kind, attributes = {} }: SpanDescription, run: () => Promise<T>): Promise<T> {
  if (!isOn) return run();
  const options = { kind: kinds[kind], attributes };
  return trace.getTracer('createcustomer').startActiveSpan(name, options, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Adds to the span that runs. */
export function annotate(attributes: Attributes): void {
  if (isOn) trace.getActiveSpan()?.setAttributes(attributes);
}

/** The trace that runs, in the form of the header `traceparent` (W3C Trace Context). Undefined while tracing is off. */
export function currentTraceparent(): string | undefined {
  if (!isOn) return undefined;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Runs something as a part of the trace that a `traceparent` names; of none, where it names none. */
export function inTrace<T>(traceparent: string | undefined, run: () => T): T {
  if (!isOn) return run();
  return context.with(propagation.extract(ROOT_CONTEXT, traceparent === undefined ? {} : { traceparent }), run);
}

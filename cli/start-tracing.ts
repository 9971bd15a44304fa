import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../runtime/settings.ts';
import { tracingIsOn } from '../runtime/tracing.ts';

const closeTimeoutMs = 2000;

/** True when the standard variables of OpenTelemetry ask for traces. */
function isWanted(settings: Settings): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = settings;
  if (OTEL_SDK_DISABLED === 'true' || OTEL_TRACES_EXPORTER === 'none') return false;
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = settings;
  return [OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT].some(Boolean);
}

/**
 * Starts to send traces where the standard variables ask for it. The packages read the others of their variables themselves
 * (headers, sampling, batches, resource), and are not even loaded otherwise. A collector that is away costs no call anything.
 */
export async function startTracing(settings: Settings): Promise<{ close(): Promise<void> }> {
  if (!isWanted(settings)) return { close: async () => {} };
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes, ...resources }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const named = resourceFromAttributes({ 'service.name': 'createcustomer' });
  const detected = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new NodeTracerProvider({
    resource: named.merge(detected),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  tracingIsOn();
  return {
    // A collector that is away must not hold up the end: the exporter would try again for ten seconds.
    async close() {
      await Promise.race([provider.shutdown().catch(() => {}), sleep(closeTimeoutMs, undefined, { ref: false })]);
    },
  };
}

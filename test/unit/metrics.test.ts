import { describe, expect, test } from 'vitest';
import { createMetrics, metricList, metricPrefix } from '../../runtime/metrics.ts';

describe('metrics', () => {
  test('are all printed under their names, with their help and their labels', async () => {
    const metrics = createMetrics();
    metrics.call(12, { outcome: 'OK' });
    metrics.fault({ code: '409' });
    metrics.depths([{ queue: 'create-customer', waiting: 3, active: 2, failed: 0 }]);
    metrics.countInFlight(() => 2);
    const text = await metrics.print();
    for (const [name, { kind, help }] of Object.entries(metricList)) {
      expect(text).toContain(`# HELP ${metricPrefix}${name} ${help}\n# TYPE ${metricPrefix}${name} ${kind}`);
    }
    expect(text).toContain('createcustomer_call_duration_seconds_sum{outcome="OK"} 0.012');
    expect(text).toContain('createcustomer_faults_total{code="409"} 1');
    expect(text).toContain('createcustomer_queue_depth{queue="create-customer",state="waiting"} 3');
    expect(text).toContain('createcustomer_calls_in_flight 2');
  });

  test('say nothing of queues that do not answer, rather than what was true before', async () => {
    const metrics = createMetrics();
    metrics.depths([{ queue: 'create-customer', waiting: 3, active: 2, failed: 0 }]);
    metrics.depths([]);
    expect(await metrics.print()).not.toContain('createcustomer_queue_depth{');
  });

  test('of two processes in one program know nothing of each other', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.retry();
    expect(await one.print()).toContain('createcustomer_retries_total 1');
    expect(await other.print()).toContain('createcustomer_retries_total 0');
  });
});

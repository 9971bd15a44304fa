import { describe, expect, it, vi } from 'vitest';
import { createCloser } from '../../runtime/shutdown.ts';

describe('A closer', () => {
  it('closes the last opened first, one after the other', async () => {
    const closer = createCloser();
    const events: string[] = [];
    for (const name of ['database', 'queue', 'api']) {
      closer.add(name, async () => {
        events.push(`${name} begins`);
        await Promise.resolve();
        events.push(`${name} ends`);
      });
    }
    await closer.closeAll();
    const order = ['api', 'queue', 'database'];
    expect(events).toEqual(order.flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('goes on when one cannot be closed, and tells of every one in the end', async () => {
    const closer = createCloser();
    const closed: string[] = [];
    const cause = new Error('it is stuck');
    closer.add('database', async () => void closed.push('database'));
    closer.add('queue', () => Promise.reject(cause));
    closer.add('worker', () => {
      throw cause;
    });
    closer.add('api', async () => void closed.push('api'));

    const error = await closer.closeAll().catch((thrown: unknown) => thrown);
    expect(closed).toEqual(['api', 'database']);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      message: 'Could not close worker; Could not close queue',
      errors: [{ cause }, { cause }],
    });
  });

  it('closes nothing twice', async () => {
    const closer = createCloser();
    const close = vi.fn(() => Promise.resolve());
    closer.add('database', close);
    await Promise.all([closer.closeAll(), closer.closeAll()]);
    await closer.closeAll();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('has nothing to do when nothing was opened', async () => {
    await expect(createCloser().closeAll()).resolves.toBeUndefined();
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodRows, type ImportPlace, openImportPlace, summaryOf } from '../services/importing.ts';
import { waitFor } from '../services/wait-for.ts';

describe('A file that is imported', () => {
  let place: ImportPlace;

  beforeAll(async () => {
    place = await openImportPlace('postgres');
  });

  afterAll(() => place.close());

  test('When it is changed meanwhile, then the import ends and says how to go on, and no row is created twice', async () => {
    place.write('grows.csv', goodRows('Grows', 5));
    const args = ['grows.csv', '--set', 'i_tariff=1', '--chunk-rows', '1', '--concurrency', '1', '--json'];
    const run = place.start(args);
    // No worker is there, so that it has not been read to its end.
    await waitFor(() => run.stdout().includes('"accepted":1,'));
    place.write('grows.csv', `${goodRows('Grows', 5)}Grows later,correct7horse\n`);
    await place.startWorker();
    const end = await run.ended;
    expect(end.code).toBe(1);
    const { import_id: id, stopped } = summaryOf(end);
    expect(stopped).toContain(`grows.csv was changed while it was imported: import it with --import-id ${id} when`);
    const second = await place.run([...args, '--import-id', String(id)]);
    expect(summaryOf(second)).toMatchObject({ created: 6, failed: 0 });
    expect(await place.countNamed('Grows')).toBe(6);
  });
});

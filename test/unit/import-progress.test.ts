import { describe, expect, test } from 'vitest';
import { createProgress } from '../../cli/import/progress.ts';
import { resumeCommand } from '../../cli/import/resume-command.ts';
import { amount, duration } from '../../cli/import/show-progress.ts';

function created(count: number, ageMs: number) {
  const rows = Array.from({ length: count }, (_, n) => ({ line: n, name: 'x', i_customer: n, ageMs }));
  return { created: rows, passed: 0, failed: [] };
}

describe('The progress of an import', () => {
  test('When rows end, then speed and time left are those of the last half minute', () => {
    let now = 0;
    const progress = createProgress(1000, () => now);
    expect(progress.look()).toMatchObject({ rowsPerSecond: 0, secondsLeft: undefined });
    now = 10_000;
    progress.end(created(500, 0));
    expect(progress.look()).toMatchObject({ created: 500, rowsPerSecond: 50, secondsLeft: 10 });
    for (now = 20_000; now <= 60_000; now += 1000) progress.look();
    progress.end(created(30, 0));
    expect(progress.look()).toMatchObject({
      rowsPerSecond: expect.closeTo(1, 0),
      secondsLeft: expect.closeTo(470, -2),
    });
    expect(progress.sum()).toMatchObject({ created: 530, seconds: 61, rowsPerSecond: expect.closeTo(530 / 61, 5) });
  });

  test('When rows are older than the run, then an earlier one has created them', () => {
    let now = 0;
    const progress = createProgress(undefined, () => now);
    now = 5000;
    progress.end(created(2, 4000));
    progress.end(created(3, 6000));
    expect(progress.sum()).toMatchObject({ created: 5, createdBefore: 3 });
  });

  test.each([
    [0.31, '0.3 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [61, '1 min 1 s'],
    [7260, '2 h 1 min'],
  ])('%d seconds are said as %s', (seconds, said) => {
    expect(duration(seconds)).toBe(said);
  });

  test('Numbers have their thousands apart', () => {
    expect([amount(0), amount(999.6), amount(1_234_567)]).toEqual(['0', '1,000', '1,234,567']);
  });
});

describe('The command that goes on', () => {
  test('It is the same one, as a shell reads it, with the id where that was made by chance', () => {
    const args = ['import', 'my file.csv', '--set', 'i_tariff=1', '--map', "Kunde's Name=name"];
    expect(resumeCommand(args, undefined)).toBe(
      `createcustomer import 'my file.csv' --set i_tariff=1 --map 'Kunde'\\''s Name=name'`,
    );
    expect(resumeCommand(['import', '-'], 'a1')).toBe('createcustomer import - --import-id a1');
    expect(resumeCommand(['import', ''], undefined)).toBe("createcustomer import ''");
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faults, type Problem, toFault } from '../../schemas/faults.ts';

interface Row {
  readonly begins: string;
  readonly problem: Problem;
}

describe('The fault table', () => {
  const table: Record<keyof typeof faults, Row> = {
    required: { begins: 'Parameter name is required', problem: faults.required('name') },
    wrongValue: { begins: 'Wrong value of city: must be text', problem: faults.wrongValue('city', 'must be text') },
    unknownParameter: { begins: 'Unknown parameter colour', problem: faults.unknownParameter('colour', '') },
    wrongReference: { begins: 'Wrong i_tariff', problem: faults.wrongReference('i_tariff') },
    permissionDenied: { begins: 'Permission denied: max_depth', problem: faults.permissionDenied('max_depth') },
    noSuchMethod: { begins: 'No such method', problem: faults.noSuchMethod('createCustomers') },
    timedOut: { begins: 'Timed out: the customer was not created', problem: faults.timedOut() },
    inUse: { begins: 'web_login is already in use', problem: faults.inUse('web_login') },
    keyInUse: { begins: 'idempotency_key is already in use', problem: faults.keyInUse() },
    tooManyRequests: { begins: 'Too many requests', problem: faults.tooManyRequests() },
    unavailable: { begins: 'Service unavailable', problem: faults.unavailable('r-1') },
    outcomeUnknown: {
      begins: 'Outcome unknown: repeat the call with the same idempotency key',
      problem: faults.outcomeUnknown('r-1'),
    },
    internal: { begins: 'Internal error, request r-1', problem: faults.internal('r-1') },
  };
  const codes: Record<keyof typeof faults, number> = {
    required: 410,
    wrongValue: 400,
    unknownParameter: 400,
    wrongReference: 401,
    permissionDenied: 403,
    noSuchMethod: 404,
    timedOut: 408,
    inUse: 409,
    keyInUse: 409,
    tooManyRequests: 429,
    unavailable: 503,
    outcomeUnknown: 504,
    internal: 500,
  };

  it.each(Object.values(table))('has "$begins" in these words, on one line', ({ begins, problem }) => {
    expect(problem.text.startsWith(begins)).toBe(true);
    expect(problem.text).not.toMatch(/[\r\n]/);
  });

  it('has the codes that clients know', () => {
    expect(Object.entries(table).map(([name, { problem }]) => [name, problem.code])).toEqual(Object.entries(codes));
    expect(Object.keys(faults).toSorted()).toEqual(Object.keys(table).toSorted());
  });

  it('says which member a problem is about', () => {
    const about = Object.values(table).flatMap(({ problem: { member } }) => member ?? []);
    expect(about).toEqual(['name', 'city', 'colour', 'i_tariff', 'web_login', 'idempotency_key']);
  });

  it('ends the name of an unknown parameter with a hint, where there is one', () => {
    expect(faults.unknownParameter('nam', ': did you mean name?').text).toBe(
      'Unknown parameter nam: did you mean name?',
    );
  });

  it('gives the request id with every fault that only the log explains', () => {
    for (const fault of [faults.unavailable, faults.outcomeUnknown, faults.internal]) {
      expect(fault('r-1').text).toContain('request r-1');
    }
  });
});

describe('Problems that become one fault', () => {
  const inOrder = [
    faults.noSuchMethod('createCustomers'),
    faults.required('i_tariff'),
    faults.required('name'),
    faults.required('web_password'),
    faults.required('api_password'),
    faults.wrongValue('name', 'is wrong'),
    faults.permissionDenied('max_depth'),
    faults.wrongReference('i_tariff'),
    faults.inUse('web_login'),
  ] as const;

  it('stand in the order of precedence, whoever found them first', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...inOrder], { minLength: 1 }), (found) => {
        const [first, ...rest] = found;
        if (!first) return;
        const expected = inOrder.filter((problem) => found.includes(problem));
        const text = expected.map((problem) => problem.text).join('\n');
        expect(toFault([first, ...rest])).toEqual({ code: expected[0]?.code, text });
      }),
    );
  });

  it('keep their order within a code', () => {
    const { text } = toFault([
      faults.wrongValue('b', 'x'),
      faults.unknownParameter('a', ''),
      faults.wrongValue('a', 'x'),
    ]);
    expect(text).toBe('Wrong value of b: x\nUnknown parameter a\nWrong value of a: x');
  });

  it('put a wrong mandatory member in no better place than others', () => {
    const { text } = toFault([faults.wrongValue('city', 'x'), faults.wrongValue('i_tariff', 'x')]);
    expect(text).toBe('Wrong value of city: x\nWrong value of i_tariff: x');
  });

  it('are each told once', () => {
    expect(toFault([faults.inUse('name'), faults.inUse('name')])).toEqual({
      code: 409,
      text: 'name is already in use',
    });
  });

  it('stand behind a fault that is not about the call', () => {
    const { code, text } = toFault([faults.required('name'), faults.internal('r-1')]);
    expect([code, text.split('\n')[0]]).toEqual([500, 'Internal error, request r-1']);
  });

  it('are not put into another order where they were found', () => {
    const found = [faults.inUse('name'), faults.required('name')] as const;
    toFault(found);
    expect(found.map(({ code }) => code)).toEqual([409, 410]);
  });
});

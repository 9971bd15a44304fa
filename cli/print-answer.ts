import type { Answer } from '../api/decode.ts';
import type { Value } from '../schemas/value.ts';
import { say } from './say.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

function toJson(value: Value): Json {
  if (value.kind === 'struct')
    return Object.fromEntries([...value.members].map(([name, item]) => [name, toJson(item)]));
  if (value.kind === 'array') return value.items.map(toJson);
  if (value.kind === 'int' || value.kind === 'double') return Number(value.text);
  if (value.kind === 'boolean') return value.text === '1';
  return value.kind === 'nil' ? null : value.text;
}

function lines(value: Value): readonly string[] {
  if (value.kind !== 'struct') return [JSON.stringify(toJson(value), undefined, 2)];
  const width = Math.max(...[...value.members.keys()].map((name) => name.length));
  return [...value.members].map(([name, item]) => {
    const json = toJson(item);
    return `  ${name.padEnd(width)}  ${typeof json === 'object' ? JSON.stringify(json) : json}`;
  });
}

/** Prints an answer for people. */
export function printAnswer(answer: Answer): void {
  if ('fault' in answer) say(`  fault ${answer.fault.code}: ${answer.fault.text.replaceAll('\n', '\n    ')}`);
  else for (const line of lines(answer.value)) say(line);
}

/** Prints an answer for programs: `{"result": …}` or `{"fault": {"code": …, "text": …}}`, on one line. */
export function printAnswerAsJson(answer: Answer): void {
  say(JSON.stringify('fault' in answer ? answer : { result: toJson(answer.value) }));
}

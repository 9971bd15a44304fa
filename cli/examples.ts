import type { Command } from 'commander';

/** Lets the --help of a command end with examples, each a line as it is typed after the name of the program. */
export function addExamples(command: Command, ...lines: readonly string[]): Command {
  const heading = lines.length === 1 ? '\nExample:' : '\nExamples:';
  return command.addHelpText('after', [heading, ...lines.map((line) => `  createcustomer ${line}`)].join('\n'));
}

/** Prints a line for people on standard output. The log goes to standard error. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

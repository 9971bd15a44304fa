/** Prints a line for people on standard output. The log goes to standard error. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves when all that was said has been taken by whoever reads it, however slowly, or when nobody reads any more. */
export function allSaid(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => resolve());
  });
}

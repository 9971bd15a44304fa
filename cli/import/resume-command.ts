const harmless = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word as a POSIX shell reads it back. */
function shellWord(word: string): string {
  return harmless.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command line that goes on with an import: the same one, and the id where it was made by chance. */
export function resumeCommand(args: readonly string[], importId: string | undefined): string {
  const id = importId === undefined ? [] : ['--import-id', importId];
  return ['createcustomer', ...args, ...id].map(shellWord).join(' ');
}

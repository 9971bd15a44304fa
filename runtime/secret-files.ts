type Environment = Readonly<Record<string, string | undefined>>;

/** An environment with the secrets that stood in files, and what was wrong with those files. */
export interface WithSecrets {
  readonly env: Environment;
  /** By the name of the secret; one sentence each. */
  readonly problems: ReadonlyMap<string, string>;
}

const lastNewline = /\r?\n$/;

/**
 * Reads secrets from files: for each of the names, a variable NAME_FILE gives the path of a file that holds the value, as
 * Docker, Kubernetes and systemd hand secrets out. One newline at its end does not count.
 */
export function readSecretFiles(
  env: Environment,
  names: readonly string[],
  readFile: (path: string) => string,
): WithSecrets {
  const found: Record<string, string> = {};
  const problems = new Map<string, string>();
  for (const name of names) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    try {
      const value = readFile(path).replace(lastNewline, '');
      if (value === '') problems.set(name, `${name}_FILE names ${path}, which is empty`);
      else found[name] = value;
    } catch (error) {
      problems.set(name, `${name}_FILE names ${path}, which cannot be read (${(error as { code?: string }).code})`);
    }
    if (env[name]) problems.set(name, `${name} and ${name}_FILE are both set: remove one of them`);
  }
  return { env: { ...env, ...found }, problems };
}

import { hash } from '@node-rs/argon2';

/** One lane: the threads of the machine serve other hashes meanwhile (OWASP's parameters have p = 1). */
const parallelism = 1;

/** Hashes passwords with Argon2id; the result is a PHC string with its own salt and parameters. */
export function createPasswordHasher(cost: {
  readonly memoryKib: number;
  readonly timeCost: number;
}): (password: string) => Promise<string> {
  return (password) => hash(password, { memoryCost: cost.memoryKib, timeCost: cost.timeCost, parallelism });
}

import { hash, hashSync } from '@node-rs/argon2';

/** A hash of up to so much work takes less time than to wake another thread for it: some 60 microseconds. OWASP's is 150 times as much. */
const maxWorkOnThisThread = 256;

/**
 * Hashes passwords with Argon2id; the result is a PHC string with its own salt and parameters. Of lanes it has one, as OWASP's has: that is
 * the default, and whoever asks for it has the library read from the kernel each time how many processors there are.
 */
export function createPasswordHasher(cost: {
  readonly memoryKib: number;
  readonly timeCost: number;
}): (password: string) => Promise<string> {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.timeCost };
  const isCheap = cost.memoryKib * cost.timeCost <= maxWorkOnThisThread;
  return isCheap ? async (password) => hashSync(password, options) : (password) => hash(password, options);
}

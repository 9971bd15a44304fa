import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, errorCode } from './embedded-postgres-error.ts';
import { isRunning } from './process-identity.ts';
import { runProgram } from './run-program.ts';
import { identifyPostmaster } from './running-server.ts';

const stopLimitMs = 15_000;
const pollMs = 25;

/**
 * Ends the server of this cluster by a fast shutdown (open transactions are rolled back, a checkpoint is written) and
 * waits until its process is gone. Does nothing when none runs. Call it under the folder lock. Throws an
 * EmbeddedPostgresError after 15 seconds; the shutdown goes on then.
 */
export async function stopServer(cluster: string, pgCtl: string): Promise<void> {
  const postmaster = await identifyPostmaster(cluster);
  if (postmaster === undefined) return;
  await requestFastShutdown(postmaster.pid, pgCtl);
  const deadline = Date.now() + stopLimitMs;
  while (await isRunning(postmaster)) {
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `The database in "${cluster}" (process ${postmaster.pid}) was told to stop but still runs after 15 seconds: look into its log, and end the process if it does not stop by itself.`,
      );
    }
    await delay(pollMs);
  }
}

async function requestFastShutdown(pid: number, pgCtl: string): Promise<void> {
  // On Windows process.kill would end the server without a checkpoint; pg_ctl speaks to it in its own way.
  if (process.platform === 'win32') {
    await runProgram({ program: pgCtl, args: ['kill', 'INT', String(pid)] });
    return;
  }
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

import type { Sealer } from '../runtime/seal.ts';
import { secretMembers } from '../schemas/create-customer.ts';

/** Parameters of a call, by name. */
type Params = Readonly<Record<string, unknown>>;

function context(jobId: string): string {
  return `job:${jobId}`;
}

function isSecret(name: string): boolean {
  return (secretMembers as readonly string[]).includes(name);
}

/** True when passwords stand among the parameters. */
export function hasSecrets(params: Params): boolean {
  return Object.keys(params).some(isSecret);
}

/** Takes the passwords out of the parameters and seals them for this one job. */
export function sealSecrets(sealer: Sealer, jobId: string, params: Params): { params: Params; sealed: string } {
  const entries = Object.entries(params);
  const secrets = Object.fromEntries(entries.filter(([name]) => isSecret(name)));
  return {
    params: Object.fromEntries(entries.filter(([name]) => !isSecret(name))),
    sealed: sealer.seal(JSON.stringify(secrets), context(jobId)),
  };
}

/**
 * Opens what `sealSecrets` sealed for this job.
 * @throws SealError when it was sealed for another job, or with a key that is not known here
 */
export function openSecrets(sealer: Sealer, jobId: string, sealed: string): Params {
  return JSON.parse(sealer.open(sealed, context(jobId)));
}

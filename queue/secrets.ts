import type { Sealer } from '../runtime/seal.ts';
import { secretMembers } from '../schemas/create-customer.ts';
import { passwordHashMember } from '../schemas/password-hash.ts';

/** Parameters of a call, by name. */
type Params = Readonly<Record<string, unknown>>;

function context(jobId: string): string {
  return `job:${jobId}`;
}

/** A password's hash as well: whoever has it can try passwords at leisure. */
const secretNames: readonly string[] = [...secretMembers, passwordHashMember];

function isGiven(params: Params, name: string): boolean {
  return Object.hasOwn(params, name) && params[name] !== undefined;
}

/** True when passwords stand among the parameters. */
export function hasSecrets(params: Params): boolean {
  return secretNames.some((name) => isGiven(params, name));
}

/** What is taken out becomes undefined, which JSON leaves out: to copy all members but some costs a hundred times as much as to copy all. */
function splitSecrets(given: Params): { readonly params: Params; readonly secret: Params } {
  const params: Record<string, unknown> = { ...given };
  const secret: Record<string, unknown> = {};
  for (const name of secretNames) {
    if (!isGiven(given, name)) continue;
    secret[name] = given[name];
    params[name] = undefined;
  }
  return { params, secret };
}

/** Takes the passwords out of the parameters and seals them for this one job. */
export function sealSecrets(sealer: Sealer, jobId: string, given: Params): { params: Params; sealed: string } {
  const { params, secret } = splitSecrets(given);
  return { params, sealed: sealer.seal(JSON.stringify(secret), context(jobId)) };
}

/**
 * Opens what `sealSecrets` sealed for this job.
 * @throws SealError when it was sealed for another job, or with a key that is not known here
 */
export function openSecrets(sealer: Sealer, jobId: string, sealed: string): Params {
  return JSON.parse(sealer.open(sealed, context(jobId)));
}

/** A row of an import, as far as its secrets go. */
interface SecretRow {
  readonly line: number;
  readonly params: Params;
}

/** Takes the passwords out of all rows of a chunk and seals them together for this one job. */
export function sealRowSecrets<Row extends SecretRow>(
  sealer: Sealer,
  jobId: string,
  rows: readonly Row[],
): { rows: readonly Row[]; sealed: string } {
  const split = rows.map((row) => ({ row, ...splitSecrets(row.params) }));
  const secrets = Object.fromEntries(split.map(({ row, secret }) => [row.line, secret]));
  return {
    rows: split.map(({ row, params }) => ({ ...row, params })),
    sealed: sealer.seal(JSON.stringify(secrets), context(jobId)),
  };
}

/**
 * Opens what `sealRowSecrets` sealed for this job, and puts it back into the rows.
 * @throws SealError as `openSecrets` does
 */
export function openRowSecrets<Row extends SecretRow>(
  sealer: Sealer,
  jobId: string,
  { rows, sealed }: { readonly rows: readonly Row[]; readonly sealed?: string | undefined },
): readonly Row[] {
  if (sealed === undefined) return rows;
  const secrets = JSON.parse(sealer.open(sealed, context(jobId)));
  return rows.map((row) => ({ ...row, params: { ...row.params, ...secrets[row.line] } }));
}

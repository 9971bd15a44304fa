import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Encodable, encodeCall } from '../../api/encode.ts';

/** An example of examples/, and what it takes to run it. */
export interface ExampleClient {
  readonly name: string;
  /** The Debian packages that bring what it needs. */
  readonly packages: string;
  /** A shell command that succeeds where they are installed. */
  readonly probe: string;
  /** A command that compiles it into a folder. */
  readonly build?: (folder: string) => readonly string[];
  readonly command: (folder: string) => readonly string[];
  /** The file with the members that it reads; JSON unless said. */
  readonly file?: 'xml';
  /** What its library puts before the text of a fault. */
  readonly faultPrefix?: string;
  /** Its Digest takes ASCII alone. */
  readonly asciiPassword?: true;
}

const examples = resolve(import.meta.dirname, '../../examples');
const javaLibraries = ['/usr/share/java/axmlrpc.jar', '/usr/share/java/gson.jar'];

/** Longer than any example takes: it ends one that hangs. */
const limitMs = 50_000;

function example(file: string): string {
  return join(examples, file);
}

export const exampleClients: readonly ExampleClient[] = [
  {
    name: 'curl',
    packages: 'curl',
    probe: 'command -v curl',
    command: () => ['sh', example('curl.sh')],
    file: 'xml',
  },
  {
    name: 'python-xmlrpc-client',
    packages: 'python3',
    probe: 'command -v python3',
    command: () => ['python3', example('python-xmlrpc-client.py')],
    asciiPassword: true,
  },
  {
    name: 'python-requests',
    packages: 'python3-requests',
    probe: 'python3 -c "import requests"',
    command: () => ['python3', example('python-requests.py')],
  },
  {
    name: 'php',
    packages: 'php-cli php-xmlrpc php-curl',
    probe: "php -r \"exit(extension_loaded('xmlrpc') && extension_loaded('curl') ? 0 : 1);\"",
    command: () => ['php', example('php.php')],
  },
  {
    name: 'perl-rpc-xml',
    packages: 'librpc-xml-perl',
    probe: 'perl -MRPC::XML::Client -e 1',
    command: () => ['perl', example('perl-rpc-xml.pl')],
  },
  {
    name: 'perl-frontier',
    packages: 'libfrontier-rpc-perl',
    probe: 'perl -MFrontier::Client -e 1',
    command: () => ['perl', example('perl-frontier.pl')],
  },
  {
    name: 'ruby',
    packages: 'ruby ruby-xmlrpc ruby-net-http-digest-auth',
    probe: 'ruby -r xmlrpc/client -r net/http/digest_auth -e 0',
    command: () => ['ruby', example('ruby.rb')],
  },
  {
    name: 'xmlrpc-c',
    packages: 'gcc libxmlrpc-core-c3-dev',
    probe: 'command -v gcc && test -e /usr/include/xmlrpc-c/json.h',
    build: (folder) => [
      ...['gcc', '-Wall', '-Wextra', '-Werror', '-o', join(folder, 'xmlrpc-c'), example('xmlrpc-c.c')],
      ...['-lxmlrpc_client', '-lxmlrpc', '-lxmlrpc_util'],
    ],
    command: (folder) => [join(folder, 'xmlrpc-c')],
    faultPrefix: 'RPC failed at server.  ',
  },
  {
    name: 'node-xmlrpc',
    packages: 'nodejs',
    probe: 'command -v node',
    command: () => [process.execPath, example('node-xmlrpc.mjs')],
  },
  {
    name: 'go',
    packages: 'golang-go golang-github-kolo-xmlrpc-dev',
    probe: 'command -v go && test -e /usr/share/gocode/src/github.com/kolo/xmlrpc',
    build: (folder) => ['go', 'build', '-o', join(folder, 'go'), example('go/main.go')],
    command: (folder) => [join(folder, 'go')],
  },
  {
    name: 'java',
    packages: 'default-jdk-headless libaxmlrpc-java libgoogle-gson-java',
    probe: ['command -v javac', ...javaLibraries.map((library) => `test -e ${library}`)].join(' && '),
    build: (folder) => [
      ...['javac', '-cp', javaLibraries.join(':'), '-d', folder],
      example('java/CreateCustomer.java'),
    ],
    command: (folder) => ['java', '-cp', [folder, ...javaLibraries].join(':'), 'CreateCustomer'],
  },
];

function isInstalled({ probe }: ExampleClient): boolean {
  return spawnSync('sh', ['-c', probe], { stdio: 'ignore', timeout: limitMs }).status === 0;
}

/** The examples that can run here. What is missing is named; in CI nothing may be missing, and it throws. */
export function findInstalledClients(): readonly ExampleClient[] {
  const missing = exampleClients.filter((client) => !isInstalled(client));
  const names = missing.map(({ name, packages }) => `${name} (apt-get install ${packages})`).join(', ');
  if (missing.length > 0 && process.env.CI) throw new Error(`In CI nothing may be skipped: ${names}`);
  if (missing.length > 0) console.warn(`\n*** SKIPPED: the examples for ${names} ***\n`);
  return exampleClients.filter((client) => !missing.includes(client));
}

/** Only what a stranger's shell would have, and where Debian keeps the sources of Go packages. */
function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, LANG: 'C.UTF-8', GO111MODULE: 'off', GOPATH: '/usr/share/gocode', ...settings };
}

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function run(command: readonly string[], settings: Readonly<Record<string, string>>): Promise<Run> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: environment(settings), timeout: limitMs, killSignal: 'SIGKILL' });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

/** Compiles those that must be, with warnings as errors where the compiler can. */
export async function buildClients(clients: readonly ExampleClient[], folder: string): Promise<void> {
  for (const { name, build } of clients) {
    if (build === undefined) continue;
    const { code, output } = await run(build(folder), {});
    if (code !== 0) throw new Error(`${name} cannot be compiled:\n${output}`);
  }
}

/** Writes members into the file that an example reads. */
export function writeMembers(path: string, { file }: ExampleClient, members: Record<string, Encodable>): void {
  writeFileSync(path, file === 'xml' ? encodeCall('createCustomer', [members]) : JSON.stringify(members));
}

/** Runs an example to its end: what it has printed, errors too, and its exit code. */
export function runClient(
  { command }: ExampleClient,
  call: {
    readonly folder: string;
    readonly url: string;
    /** None from a trusted host. */
    readonly login: { readonly user: string; readonly password: string } | 'none';
    /** The file of the members; none for the sample of the example. */
    readonly path?: string;
  },
): Promise<Run> {
  const { folder, url, login, path } = call;
  const credentials = login === 'none' ? {} : { XMLAPI_LOGIN: login.user, XMLAPI_PASSWORD: login.password };
  return run([...command(folder), ...(path === undefined ? [] : [path])], { XMLAPI_URL: url, ...credentials });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './redis.ts';
import { waitFor } from './wait-for.ts';

const shipped = resolve(import.meta.dirname, '../../deploy/proxy/haproxy.cfg');
const [serverTemplate, address] = [/^ *server-template .*$/m, 'bind :8080'];

/** The file that is shipped, but for where it listens and where the processes are, which the names of Docker say there. */
function configuration(port: number, urls: readonly string[]): string {
  const text = readFileSync(shipped, 'utf8');
  if (!serverTemplate.test(text) || !text.includes(address)) throw new Error('haproxy.cfg has changed its shape');
  const servers = urls.map((url, index) => `    server api${index + 1} ${new URL(url).host}`);
  return text.replace(serverTemplate, servers.join('\n')).replace(address, `bind 127.0.0.1:${port}`);
}

/** Starts the proxy as it is shipped, before api processes at these URLs. */
export async function startHaproxy(urls: readonly string[]) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(port, urls));
  const proxy = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/xmlapi/xmlapi`;
  const isUp = () =>
    fetch(new URL('/healthz', url)).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(async () => proxy.exitCode !== null || (await isUp()));
  if (proxy.exitCode !== null) throw new Error(`haproxy ended with ${proxy.exitCode}`);
  return {
    url,
    async stop(): Promise<void> {
      const exited = once(proxy, 'exit');
      proxy.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

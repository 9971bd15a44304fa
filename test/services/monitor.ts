import type { Service } from './service.ts';

/** The login of the monitor in tests. */
export const monitorLogin = { user: 'admin', password: 'Monitor-Secret-1' };

/** Settings of a service whose monitor a test logs in to. */
export const monitorSettings = { MONITOR_PASSWORD: monitorLogin.password };

/** Where the monitor of a service is. */
export function monitorUrl(service: Pick<Service, 'output'>): string {
  const [, url] = /^monitor (http\S+)/m.exec(service.output()) ?? [];
  if (url === undefined) throw new Error(`No monitor:\n${service.output()}`);
  return url;
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Asks the monitor, logged in unless another login is given. */
export function askMonitor(
  service: Pick<Service, 'output'>,
  path: string,
  options: RequestInit & { readonly login?: typeof monitorLogin | 'none' } = {},
): Promise<Response> {
  const { login = monitorLogin, headers, ...rest } = options;
  const authorization: Record<string, string> = login === 'none' ? {} : { Authorization: basic(login) };
  return fetch(new URL(path, monitorUrl(service)), { ...rest, headers: { ...authorization, ...headers } });
}

/** The JSON that the monitor answers. */
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects.
export async function readMonitor(service: Pick<Service, 'output'>, path: string): Promise<any> {
  const response = await askMonitor(service, path);
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return response.json();
}

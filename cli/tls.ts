import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Settings } from '../runtime/settings.ts';
import { OperatorError } from './operator-error.ts';

/**
 * Reads certificate and key, if there are any.
 * @throws OperatorError when they do not fit
 */
export function readTls({ TLS_CERT_FILE, TLS_KEY_FILE }: Settings) {
  if (TLS_CERT_FILE === undefined || TLS_KEY_FILE === undefined) return {};
  try {
    const tls = { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) };
    createSecureContext(tls);
    return { tls };
  } catch (error) {
    throw new OperatorError(`TLS_CERT_FILE and TLS_KEY_FILE do not make a certificate: ${(error as Error).message}`);
  }
}

/** A host as it stands in a URL. */
export function hostInUrl(name: string): string {
  return name.includes(':') ? `[${name}]` : name;
}

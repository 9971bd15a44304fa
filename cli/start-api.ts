import { createAuthenticator } from '../api/authenticate.ts';
import { createClientAddress } from '../api/client-address.ts';
import { createCustomerMethod } from '../api/create-customer.ts';
import { createRequestHandler } from '../api/handle-request.ts';
import { createMethods } from '../api/methods.ts';
import { startServer } from '../api/server.ts';
import { ping } from '../db/connect.ts';
import { createCredentialStore } from '../db/credentials.ts';
import { createProblemFinder } from '../db/find-problems.ts';
import { findKeyRows } from '../db/idempotency.ts';
import { createTrustedHosts } from '../db/trusted-hosts.ts';
import { openSubmitter } from '../queue/submit.ts';
import { holdMemory } from '../runtime/hold-memory.ts';
import { createParamsHasher } from '../runtime/params-hash.ts';
import { createSealer } from '../runtime/seal.ts';
import type { Ground } from './start-worker.ts';
import { hostInUrl, readTls } from './tls.ts';

/** A quarter less memory after many calls. Half as much growth would take a tenth of the rate. */
const heapGrowthPercent = 100;

/** Wires and starts the api role. Resolves when calls are answered, with the URL that they go to. */
export async function startApi({ settings, secretKeys, db, backend, observer, log }: Ground) {
  holdMemory(heapGrowthPercent);
  const sealer = createSealer(secretKeys);
  const tls = readTls(settings);
  const submitter = await openSubmitter({
    backend,
    sealer,
    findKeyRows: (calls) => findKeyRows(db, calls),
    waitTimeoutMs: settings.WAIT_TIMEOUT_MS,
    maxInFlight: settings.MAX_IN_FLIGHT,
    maxQueueLength: settings.MAX_QUEUE_LENGTH,
    onReplyLoss: () => observer.metrics.replyLoss(),
    log,
  });
  observer.metrics.countInFlight(submitter.inFlight);
  const createCustomer = createCustomerMethod({
    submit: submitter.submit,
    hashParams: createParamsHasher(secretKeys),
    findAllProblems: createProblemFinder(db).findAll,
    onAnswer: observer.answered,
    log,
  });
  const authenticate = createAuthenticator({
    realm: settings.DIGEST_REALM,
    secretKeys,
    credentials: createCredentialStore(db, sealer),
    isTrusted: createTrustedHosts(db),
    clientAddress: createClientAddress(settings.TRUSTED_PROXIES),
    claimOnce: backend.claimOnce,
  });
  const handle = createRequestHandler({
    methods: createMethods(createCustomer, log),
    authenticate,
    isFull: submitter.isFull,
    dependencies: { database: () => ping(db), queue: backend.ping, workerCount: submitter.workerCount },
    maxBodyBytes: settings.MAX_BODY_BYTES,
    onAnswer: observer.answered,
    onRefusal: (status) => observer.metrics.refusal({ status: `${status}` }),
    log,
  });
  const server = await startServer(handle, { host: settings.HOST, port: settings.PORT, ...tls });
  return {
    url: `${tls.tls ? 'https' : 'http'}://${hostInUrl(settings.HOST)}:${server.port}/xmlapi/xmlapi`,
    async close(): Promise<void> {
      await server.close();
      await submitter.close();
    },
  };
}

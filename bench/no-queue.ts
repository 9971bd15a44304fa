import { randomUUID } from 'node:crypto';
import { createAuthenticator } from '../api/authenticate.ts';
import { createClientAddress } from '../api/client-address.ts';
import { createCustomerMethod } from '../api/create-customer.ts';
import { createRequestHandler } from '../api/handle-request.ts';
import { createMethods } from '../api/methods.ts';
import { startServer } from '../api/server.ts';
import { openObserver } from '../cli/observe.ts';
import { createClaims } from '../db/claims.ts';
import { connect } from '../db/connect.ts';
import { createCredentialStore } from '../db/credentials.ts';
import { createProblemFinder } from '../db/find-problems.ts';
import { createTrustedHosts } from '../db/trusted-hosts.ts';
import type { Submission } from '../queue/submit.ts';
import { loadSettings } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { createParamsHasher } from '../runtime/params-hash.ts';
import { createSealer } from '../runtime/seal.ts';
import { loadSecretKeys } from '../runtime/secret-keys.ts';
import { createCustomerCreator } from '../worker/create-customer.ts';
import { createPasswordHasher } from '../worker/passwords.ts';

/** The front and the operation of the worker in one process, wired without a queue: what the queue costs is the difference. */

const maxConnections = 20;

const settings = loadSettings();
const log = createLogger(settings.LOG_LEVEL);
const secretKeys = loadSecretKeys(settings);
const sealer = createSealer(secretKeys);
const hashParams = createParamsHasher(secretKeys);
const db = connect({ url: settings.DATABASE_URL ?? '', applicationName: 'no queue', maxConnections });
const observer = openObserver({ db, log });
const cost = { memoryKib: settings.ARGON2_MEMORY_KIB, timeCost: settings.ARGON2_TIME_COST };
const realm = settings.DIGEST_REALM;
const create = createCustomerCreator({ db, sealer, realm, hashPassword: createPasswordHasher(cost), hashParams, log });

function submit({ paramsHashes: _, ...call }: Submission) {
  // Nobody else can have the job: there is no lock that could end.
  const sole = { isFirstRun: true, lockEndsAt: Number.POSITIVE_INFINITY };
  return create({ version: 1, id: randomUUID(), addedAt: Date.now(), ...sole, ...call });
}

const createCustomer = createCustomerMethod({
  submit,
  hashParams,
  findAllProblems: createProblemFinder(db).findAll,
  onAnswer: observer.answered,
  log,
});
const handle = createRequestHandler({
  methods: createMethods(createCustomer, log),
  authenticate: createAuthenticator({
    realm,
    secretKeys,
    credentials: createCredentialStore(db, sealer),
    isTrusted: createTrustedHosts(db),
    clientAddress: createClientAddress(''),
    claimOnce: createClaims(db),
  }),
  isFull: () => false,
  dependencies: { database: async () => {}, queue: async () => {}, workerCount: async () => 1 },
  maxBodyBytes: settings.MAX_BODY_BYTES,
  onAnswer: observer.answered,
  onRefusal: () => {},
  log,
});
await startServer(handle, { host: '127.0.0.1', port: settings.PORT });
process.stdout.write('ready\n');

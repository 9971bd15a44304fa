import type { FromSchema } from 'json-schema-to-ts';
import { redisUrlPattern } from './redis-url.ts';

const milliseconds = { type: 'integer', minimum: 100, maximum: 3_600_000 } as const;
const minute = 60_000;
const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const;

/** 32 bytes in base64, in either alphabet. */
const key = '\\s*[A-Za-z0-9+/_-]{43}=?\\s*';
const kibibyte = 1024;

/**
 * Every setting of the service: environment variables with type, default and description. `.env.example` is printed
 * from here. An empty variable counts as unset.
 */
export const settingsSchema = {
  type: 'object',
  properties: {
    HOST: { type: 'string', default: '127.0.0.1', description: 'Address that the XML-RPC server listens on' },
    PORT: { ...port, default: 8080, description: 'Its port; 0 takes a free one' },
    DATABASE_URL: {
      type: 'string',
      pattern: '^postgres(ql)?://',
      description: 'PostgreSQL 14 or newer: postgresql://user:password@host:5432/name. Unset: an embedded PostgreSQL',
    },
    DATABASE_DIRECT_URL: {
      type: 'string',
      pattern: '^postgres(ql)?://',
      description:
        'The same database without PgBouncer, when DATABASE_URL goes through one in transaction mode: ' +
        'for migrations, and for the queue where it is in PostgreSQL',
    },
    REDIS_URL: {
      type: 'string',
      pattern: redisUrlPattern,
      description:
        'Redis for the queue: redis://, rediss:// or the path of a socket; redis+sentinel://host:26379,host:26379/MASTER; ' +
        'redis+cluster://host:6379,host:6379. Unset: the queue is in PostgreSQL',
    },
    QUEUE_PREFIX: {
      type: 'string',
      pattern: '^[A-Za-z0-9_{}-]{1,64}$',
      default: '{createcustomer}',
      description: 'Prefix of every key in Redis; the braces keep them on one node of a cluster',
    },
    DATA_DIR: { type: 'string', default: '.data', description: 'Folder of the embedded PostgreSQL and of made keys' },
    SECRET_KEYS: {
      type: 'string',
      pattern: `^${key}(,${key})*$`,
      description:
        '32 bytes in base64 each, comma-separated: the first seals, all open. Needed with DATABASE_URL. ' +
        'Make one with: openssl rand -base64 32',
    },
    DIGEST_REALM: {
      type: 'string',
      pattern: '^[ !#-\\[\\]-~]{1,64}$',
      default: 'xmlapi',
      description: 'Realm of HTTP Digest; API passwords set under one realm do not work under another',
    },
    TRUSTED_PROXIES: {
      type: 'string',
      default: '',
      description: 'Addresses and CIDR ranges, comma-separated, whose X-Forwarded-For counts',
    },
    ROOT_API_PASSWORD: {
      type: 'string',
      minLength: 8,
      maxLength: 128,
      description: 'API password of customer 1, used when an empty database is set up. Unset: one is made and printed',
    },
    WAIT_TIMEOUT_MS: { ...milliseconds, default: minute / 2, description: 'How long a call waits for its outcome' },
    MAX_BODY_BYTES: {
      type: 'integer',
      minimum: kibibyte,
      maximum: 64 * kibibyte * kibibyte,
      default: kibibyte * kibibyte,
      description: 'Largest request body',
    },
    MAX_IN_FLIGHT: {
      type: 'integer',
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Calls that one api process lets wait at a time; more get fault 429',
    },
    MAX_QUEUE_LENGTH: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Calls that may wait for a worker, of all api processes together; more get fault 429',
    },
    WORKER_CONCURRENCY: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 32,
      description:
        'Jobs that one worker process runs at a time; those that are stored at the same time share a statement',
    },
    IDEMPOTENCY_TTL_DAYS: {
      type: 'integer',
      minimum: 1,
      maximum: 3650,
      default: 30,
      description: 'How many days idempotency keys are kept',
    },
    ARGON2_MEMORY_KIB: {
      type: 'integer',
      minimum: 8,
      maximum: 4_194_304,
      default: 19_456,
      description: 'Memory of one Argon2id hash, in KiB (OWASP)',
    },
    ARGON2_TIME_COST: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Passes of one Argon2id hash (OWASP)',
    },
    LOG_LEVEL: {
      enum: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      default: 'info',
      description: 'What is logged, on standard error',
    },
    MONITOR_HOST: { type: 'string', default: '127.0.0.1', description: 'Address that the monitor listens on' },
    MONITOR_PORT: { ...port, default: 8081, description: 'Its port; 0 takes a free one' },
    MONITOR_USER: {
      type: 'string',
      pattern: '^[^:\\u0000-\\u001f]{1,64}$',
      default: 'admin',
      description: 'Who may see the monitor (HTTP Basic); without a colon',
    },
    MONITOR_PASSWORD: {
      type: 'string',
      minLength: 8,
      maxLength: 128,
      description:
        'Password of the monitor. Needed when MONITOR_HOST or METRICS_HOST is not this machine. Unset: one is made and printed',
    },
    METRICS_HOST: {
      type: 'string',
      default: '127.0.0.1',
      description: 'Address where processes without the monitor serve /metrics',
    },
    METRICS_PORT: { ...port, description: 'Its port; 0 takes a free one. Unset: they serve no metrics' },
    OTEL_EXPORTER_OTLP_ENDPOINT: {
      type: 'string',
      pattern: '^https?://',
      description: 'Collector of OpenTelemetry, for example http://localhost:4318. Unset: no traces',
    },
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
      type: 'string',
      pattern: '^https?://',
      description: 'Where it takes traces, if that is elsewhere',
    },
    OTEL_TRACES_EXPORTER: { enum: ['otlp', 'none'], description: 'none turns traces off' },
    OTEL_SDK_DISABLED: { enum: ['true', 'false'], description: 'true turns traces off' },
    TLS_CERT_FILE: {
      type: 'string',
      description: 'Certificate chain in PEM; with TLS_KEY_FILE the server and the monitor speak https',
    },
    TLS_KEY_FILE: { type: 'string', description: 'Private key in PEM' },
  },
  dependentRequired: {
    DATABASE_URL: ['SECRET_KEYS'],
    DATABASE_DIRECT_URL: ['DATABASE_URL'],
    TLS_CERT_FILE: ['TLS_KEY_FILE'],
    TLS_KEY_FILE: ['TLS_CERT_FILE'],
  },
} as const;

/** The settings after the check, defaults filled in. */
export type Settings = FromSchema<typeof settingsSchema>;

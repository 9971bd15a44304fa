/**
 * What the monitor shows: the life of each call, and what each process did in each second. Not logged, for nobody is
 * promised any of it: a server that crashes forgets both tables, and in return they cost calls little.
 */
export const monitor = `
CREATE UNLOGGED TABLE calls (
  request_id text NOT NULL,
  job_id text,
  i_wholesaler integer,
  mode text,
  address text,
  name text,
  web_login text,
  idempotency_key text,
  i_customer integer,
  outcome text NOT NULL,
  fault_text text,
  dry_run boolean NOT NULL,
  replayed boolean NOT NULL,
  received_at timestamptz NOT NULL,
  queued_at timestamptz,
  taken_at timestamptz,
  committed_at timestamptz,
  answered_at timestamptz NOT NULL
);
CREATE INDEX calls_received_at_idx ON calls (received_at);
CREATE INDEX calls_request_id_idx ON calls (request_id);
CREATE INDEX calls_i_customer_idx ON calls (i_customer) WHERE i_customer IS NOT NULL;
CREATE INDEX calls_name_idx ON calls (name text_pattern_ops) WHERE name IS NOT NULL;
CREATE INDEX calls_web_login_idx ON calls (web_login) WHERE web_login IS NOT NULL;
CREATE INDEX calls_idempotency_key_idx ON calls (idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE UNLOGGED TABLE activity (
  second timestamptz NOT NULL,
  process text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  count integer NOT NULL,
  sum_ms double precision NOT NULL,
  max_ms double precision NOT NULL,
  buckets integer[] NOT NULL,
  PRIMARY KEY (second, process, kind, name)
);
`;

/**
 * What became of imports. Created rows stand in `idempotency_keys` under the key of their line; here stand the chunks that are
 * done, and the rows that failed. `import_claims` tells a dry run which names earlier chunks have used: it is not logged,
 * for a dry run can be made again.
 */
export const imports = `
CREATE TABLE import_chunks (
  import_id text NOT NULL CHECK (import_id ~ '^[A-Za-z0-9._-]{1,48}$'),
  chunk integer NOT NULL CHECK (chunk > 0),
  dry_run boolean NOT NULL,
  created integer NOT NULL CHECK (created >= 0),
  failed integer NOT NULL CHECK (failed >= 0),
  done_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (import_id, chunk)
);
CREATE INDEX import_chunks_done_at_idx ON import_chunks (done_at);
CREATE TABLE import_failures (
  import_id text NOT NULL,
  line integer NOT NULL CHECK (line > 0),
  chunk integer NOT NULL,
  code integer NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (import_id, line)
);
CREATE INDEX import_failures_chunk_idx ON import_failures (import_id, chunk);
CREATE UNLOGGED TABLE import_claims (
  import_id text NOT NULL,
  member text NOT NULL,
  value text NOT NULL,
  line integer NOT NULL,
  PRIMARY KEY (import_id, member, value)
);
`;

/** What is written beside each created customer, in the same transaction. */
export const journal = `
CREATE TABLE balance_entries (
  i_balance_entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  i_customer integer NOT NULL REFERENCES customers,
  amount numeric NOT NULL CHECK (amount <> 0),
  kind text NOT NULL DEFAULT 'opening' CHECK (kind IN ('opening')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX balance_entries_one_opening_key ON balance_entries (i_customer) WHERE kind = 'opening';

CREATE TABLE audit_log (
  i_audit bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  i_customer integer NOT NULL REFERENCES customers,
  action text NOT NULL DEFAULT 'create' CHECK (action IN ('create')),
  mode text NOT NULL CHECK (mode IN ('customer', 'trusted')),
  i_caller integer REFERENCES customers,
  address text NOT NULL,
  request_id text NOT NULL,
  params jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((mode = 'customer') = (i_caller IS NOT NULL))
);
CREATE INDEX audit_log_i_customer_idx ON audit_log (i_customer);
CREATE INDEX audit_log_request_id_idx ON audit_log (request_id);
CREATE INDEX audit_log_created_at_idx ON audit_log (created_at);

CREATE TABLE idempotency_keys (
  i_wholesaler integer NOT NULL REFERENCES customers,
  key text NOT NULL CHECK (key ~ '^[!-~]{1,255}$'),
  i_customer integer NOT NULL REFERENCES customers,
  params_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (i_wholesaler, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
`;

/**
 * What may happen once: a Digest nonce with its count. The table is not logged, for its rows live for minutes; a server
 * that crashes forgets them.
 */
export const claims = `
CREATE UNLOGGED TABLE claims (
  claim text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX claims_expires_at_idx ON claims (expires_at);
`;

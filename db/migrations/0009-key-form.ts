/**
 * The same keys as before: visible ASCII, 255 characters at the most. Counted in the pattern, each character of each key cost a new state
 * of it, 25 microseconds for a key of 36 characters.
 */
export const keyForm = `
ALTER TABLE idempotency_keys
  DROP CONSTRAINT idempotency_keys_key_check,
  ADD CONSTRAINT idempotency_keys_key_check CHECK (key ~ '^[!-~]+$' AND length(key) <= 255);
`;

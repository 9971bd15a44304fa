/** Tables that customers refer to. Their rows are data: an operator may add some. */
export const lookupTables = `
CREATE TABLE time_zones (
  i_time_zone integer PRIMARY KEY,
  name text NOT NULL UNIQUE
);
CREATE TABLE languages (
  i_lang text PRIMARY KEY CHECK (i_lang ~ '^[a-z]{2}$'),
  name text NOT NULL
);
CREATE TABLE export_types (
  i_export_type integer PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE start_pages (
  start_page integer PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE currencies (
  currency text PRIMARY KEY CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE TABLE password_policies (
  i_password_policy integer PRIMARY KEY,
  name text NOT NULL UNIQUE,
  min_length integer NOT NULL DEFAULT 8 CHECK (min_length BETWEEN 1 AND 128),
  needs_letter boolean NOT NULL DEFAULT true,
  needs_digit boolean NOT NULL DEFAULT true,
  forbids_name_and_login boolean NOT NULL DEFAULT true
);
CREATE TABLE trusted_hosts (
  ip cidr PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
);
`;

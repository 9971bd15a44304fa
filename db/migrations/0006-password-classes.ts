/** Further things that a password policy can ask for, and texts that it forbids. */
export const passwordClasses = `
ALTER TABLE password_policies
  ADD needs_lower boolean NOT NULL DEFAULT false,
  ADD needs_upper boolean NOT NULL DEFAULT false,
  ADD needs_special boolean NOT NULL DEFAULT false,
  ADD forbidden text[] NOT NULL DEFAULT '{}' CHECK (array_position(forbidden, NULL) IS NULL AND NOT '' = ANY (forbidden));
`;

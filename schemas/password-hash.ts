/** The member that producers of imports may give instead of `web_password`. */
export const passwordHashMember = 'web_password_hash';

const base64 = '[A-Za-z0-9+/]';

/**
 * PHC strings (github.com/P-H-C/phc-string-format) of Argon2id and scrypt, and the modular crypt format of bcrypt: with
 * parameters, salt and hash.
 */
const forms = [
  new RegExp(`^\\$argon2id\\$v=19\\$m=\\d{1,10},t=\\d{1,10},p=\\d{1,3}\\$${base64}{11,64}\\$${base64}{16,128}$`),
  /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/,
  new RegExp(`^\\$scrypt\\$ln=\\d{1,2},r=\\d{1,3},p=\\d{1,3}\\$${base64}{11,88}={0,2}\\$${base64}{16,128}={0,2}$`),
];

/** What is said of a hash of another form. */
export const passwordHashSays = 'must be a PHC string of Argon2id, bcrypt or scrypt';

/** True for a text that has the form of a password's hash. Whether a password fits it, only a login can tell. */
export function isPasswordHash(text: unknown): text is string {
  return typeof text === 'string' && forms.some((form) => form.test(text));
}

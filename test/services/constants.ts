/** The API password of root in every test database. */
export const rootPassword = 'root-secret-1';

/** A key for tests alone: 32 bytes in base64. */
export const secretKeys = 'dGVzdC1vbmx5LWtleS0wMTIzNDU2Nzg5MDEyMzQ1Njc=';

/** The cheapest hashing there is, so that tests measure something else. */
export const cheapHashing = { ARGON2_MEMORY_KIB: '8', ARGON2_TIME_COST: '1' };

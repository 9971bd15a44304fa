/** The parts of the service that one process can run. */
export const roles = ['api', 'worker', 'monitor'] as const;

export type Role = (typeof roles)[number];

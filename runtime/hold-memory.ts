import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the memory of this process small: old objects are cleared away whenever they have grown by so many percent. By default V8 lets
 * garbage of several times what is in use pile up.
 */
export function holdMemory(growthPercent: number): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}

/** libuv's own choice, where the program was not started by `cli/createcustomer.cts`. */
const usualThreads = 4;

/** How many threads of libuv take what Node does not do on the main one, such as hashing passwords. */
export function poolThreads(): number {
  return Number(process.env.UV_THREADPOOL_SIZE) || usualThreads;
}

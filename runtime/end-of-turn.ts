/**
 * Makes the end of the turn of the event loop. All who wait for it in one turn go on together, so that what they send then leaves
 * together; `setImmediate` alone would let them go on one by one, each with a system call.
 */
export function createEndOfTurn(): () => Promise<void> {
  let turn: Promise<void> | undefined;

  return () => {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve();
      });
    });
    return turn;
  };
}

// Loaded before the program (node --import), so that the harness can stop a process at a named step of the life of a call.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const { CHAOS_CHANNEL, CHAOS_JOURNAL } = process.env;

/** What the harness has asked for: to stop at the `countdown`th arrival at `step`. */
let armed;

subscribe(CHAOS_CHANNEL, ({ step, requestId }) => {
  // The deadline of a call counts from here. A file, and at once: it must outlive a kill in the next line.
  if (step === 'checked') appendFileSync(CHAOS_JOURNAL, `${requestId} ${Date.now()}\n`);
  if (armed?.step !== step) return;
  armed.countdown -= 1;
  if (armed.countdown > 0) return;
  armed = undefined;
  // Stops before the next line: a process that signals itself gets the signal before kill(2) returns.
  process.kill(process.pid, 'SIGSTOP');
});

process.on('message', (message) => {
  armed = message.step === undefined ? undefined : message;
  process.send('heard');
});

// A harness that was killed must leave nothing behind.
process.on('disconnect', () => process.exit(1));
process.channel.unref();

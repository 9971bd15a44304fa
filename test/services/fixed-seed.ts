import fc from 'fast-check';

/** Every run draws the same cases, so that a failure can be repeated. Another seed is tried by changing this line. */
fc.configureGlobal({ seed: 20_261_124 });

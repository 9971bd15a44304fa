#!/usr/bin/env node

/** With one, a read that waits, as of a pipe, would hold up everything else. */
const fewestThreads = 2;

/** As many as libuv has by itself. Each takes the memory of a hash, 19 MiB by default, and a container may have fewer processors than it sees. */
const mostThreads = 4;

/**
 * Passwords are hashed on libuv's threads: with more of them than processors, hashes take the memory that they fill from each other's
 * caches. Their number is read when the first of them is needed, which for a program of ES modules is to load it; so this is none.
 */
const { availableParallelism } = process.getBuiltinModule('node:os');
process.env.UV_THREADPOOL_SIZE ||= String(Math.min(Math.max(fewestThreads, availableParallelism()), mostThreads));

void import('./main.ts');

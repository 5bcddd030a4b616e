/** A worker that has nothing to say: for tests that launch runs only by the way. */
process.exitCode = 0

// mocha 12 lets a test pass although a promise nobody awaits was rejected: make it fail the run.
process.on('unhandledRejection', (reason) => {
  throw reason;
});

import fc from 'fast-check';

/** A run asks only whether a test goes red: looking for the smallest example of why would try hundreds more. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

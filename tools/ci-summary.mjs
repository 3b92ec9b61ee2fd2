// @ts-check
/**
 * Closes a run of .ci/run: says how long each part took, names what failed, counts a skipped test as a failure, and prints
 * `N passed, N failed` as the last line. Exit code 0 only when nothing failed.
 *
 * node tools/ci-summary.mjs <folder> check=<exit code>=<seconds> mutate=<exit code>=<seconds> <lane>=<exit code>=<seconds>...
 * The folder holds the JSON report of vitest of each lane, as `<lane>.json`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ fullName: string, status: string }} Assertion */
/** @typedef {{ name: string, status: string, message?: string, assertionResults: Assertion[] }} Suite */
/** @typedef {{ name: string, code: number, seconds: string }} Part */
/** @typedef {{ passed: number, failures: string[] }} Outcome */

/**
 * @param {Part} lane
 * @param {{ testResults: Suite[] } | undefined} report undefined when the tests left none
 * @returns {Outcome}
 */
function outcomeOf({ name, code }, report) {
  if (report === undefined) return { passed: 0, failures: [`npm run ${name} ended with ${code} and left no report`] };
  /** @type {string[]} */
  const failures = [];
  let passed = 0;
  for (const suite of report.testResults) {
    for (const { fullName, status } of suite.assertionResults) {
      if (status === 'passed') passed += 1;
      else failures.push(`${status === 'failed' ? 'failed' : 'skipped'}: ${suite.name}: ${fullName}`);
    }
    const brokenOutside = suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed');
    if (brokenOutside) failures.push(`broken: ${suite.name}: ${suite.message?.split('\n')[0] ?? ''}`);
  }
  if (passed === 0) failures.push(`npm run ${name}: no test passed`);
  if (code !== 0 && failures.length === 0) failures.push(`npm run ${name} ended with ${code} although no test failed`);
  return { passed, failures };
}

/** What `timeout` ends with when its time is over. */
const BROKE_OFF = 124;

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} result @returns {Part} */
function readPart(result) {
  const [name = '', code = '1', seconds = '0'] = result.split('=');
  return { name, code: Number(code), seconds };
}

function main() {
  const [folder = '', ...results] = process.argv.slice(2);
  const [check, mutate, ...lanes] = results.map(readPart);
  const failures = check?.name === 'check' && check.code === 0 ? [] : ['the gates: npm run check'];
  const brokeOff = mutate?.code === BROKE_OFF;
  if (mutate?.name !== 'mutate' || (mutate.code !== 0 && !brokeOff))
    failures.push('changes that no test notices: npm run mutate -- --changed');
  if (lanes.length === 0) failures.push('no lane was run');
  const outcomes = lanes.map((lane) => outcomeOf(lane, readReport(join(folder, `${lane.name}.json`))));
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  failures.push(...outcomes.flatMap((outcome) => outcome.failures));
  const times = [
    `check: ${check?.seconds ?? 0} s`,
    `mutate: ${mutate?.seconds ?? 0} s${brokeOff ? ', broke off before its end: npm run mutate -- --changed says the rest' : ''}`,
    ...lanes.map(({ name, seconds }, i) => `${name}: ${seconds} s, ${outcomes[i]?.passed} passed`),
  ];
  process.stdout.write(`\n${[...times, ...failures, `${passed} passed, ${failures.length} failed`].join('\n')}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main();

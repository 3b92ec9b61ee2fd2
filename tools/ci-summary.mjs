// @ts-check
/**
 * Closes a run of .ci/run: names what failed, counts a skipped test as a failure, and prints `N passed, N failed` as
 * the last line. Exit code 0 only when nothing failed.
 *
 * node tools/ci-summary.mjs <vitest JSON report> <exit code of the gates> <exit code of the tests>
 */
import { readFileSync } from 'node:fs';

/** @typedef {{ fullName: string, status: string }} Assertion */
/** @typedef {{ name: string, status: string, message?: string, assertionResults: Assertion[] }} Suite */

/**
 * @param {{ testResults: Suite[] } | undefined} report undefined when the tests left none
 * @param {number} checkCode
 * @param {number} testCode
 * @returns {{ passed: number, failures: string[] }}
 */
function summarise(report, checkCode, testCode) {
  const failures = checkCode === 0 ? [] : ['the gates: npm run check'];
  if (report === undefined) return { passed: 0, failures: [...failures, 'the tests left no report'] };
  let passed = 0;
  for (const suite of report.testResults) {
    for (const { fullName, status } of suite.assertionResults) {
      if (status === 'passed') passed += 1;
      else failures.push(`${status === 'failed' ? 'failed' : 'skipped'}: ${suite.name}: ${fullName}`);
    }
    const brokenOutside = suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed');
    if (brokenOutside) failures.push(`broken: ${suite.name}: ${suite.message?.split('\n')[0] ?? ''}`);
  }
  if (passed === 0) failures.push('no test passed');
  if (testCode !== 0 && failures.length === 0) failures.push(`npm test ended with ${testCode} although no test failed`);
  return { passed, failures };
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function main() {
  const [path = '', checkCode = '1', testCode = '1'] = process.argv.slice(2);
  const { passed, failures } = summarise(readReport(path), Number(checkCode), Number(testCode));
  const lines = [...failures, `${passed} passed, ${failures.length} failed`];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

main();

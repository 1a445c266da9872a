// Counts of tests out of the reports of Vitest and Playwright. A run that says it failed, or ran nothing, never counts as
// passed, whatever its report says.

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Tally skipped: the names of the tests */

/** @returns {Tally} of a step that is one check: types, lint, build */
export const tallyOfStep = (code) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] });

/** A file that would not load has failed without a test of its own. */
function tallyOfVitest(report) {
  const tally = { passed: 0, failed: 0, skipped: [] };
  for (const file of report.testResults) {
    const failedBefore = tally.failed;
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') tally.passed++;
      else if (status === 'failed') tally.failed++;
      else tally.skipped.push(fullName.trim());
    }
    if (file.status === 'failed' && tally.failed === failedBefore) tally.failed++;
  }
  return tally;
}

function tallyOfPlaywright(report) {
  const tally = { passed: 0, failed: report.errors.length, skipped: [] };
  const visit = (suite, path) => {
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests) {
        if (test.status === 'expected') tally.passed++;
        else if (test.status === 'skipped') tally.skipped.push([...path, spec.title].join(' '));
        else tally.failed++; // unexpected, or flaky: passed only when tried again
      }
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.title]);
  };
  for (const suite of report.suites) visit(suite, [suite.title]);
  return tally;
}

/**
 * @param report the parsed JSON report, or undefined where the runner wrote none
 * @param code   the runner's exit status
 * @returns {Tally}
 */
export function tallyOfReport(report, code) {
  if (!report) return { passed: 0, failed: 1, skipped: [] };
  const tally = 'testResults' in report ? tallyOfVitest(report) : tallyOfPlaywright(report);
  const ranNothing = tally.passed + tally.failed === 0;
  return tally.failed === 0 && (code !== 0 || ranNothing) ? { ...tally, failed: 1 } : tally;
}

/** @param {Tally[]} tallies */
export const sum = (tallies) => ({
  passed: tallies.reduce((n, tally) => n + tally.passed, 0),
  failed: tallies.reduce((n, tally) => n + tally.failed, 0),
  skipped: tallies.flatMap((tally) => tally.skipped),
});

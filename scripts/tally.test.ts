import { describe, expect, test } from 'vitest';
import { sum, tallyOfReport, tallyOfStep } from './tally.mjs';

const vitest = (...files: object[]) => ({ testResults: files });
const assertions = (...statuses: string[]) => statuses.map((status, i) => ({ status, fullName: ` test ${i}` }));
const passing = { status: 'passed', assertionResults: assertions('passed', 'passed') };

describe('Vitest', () => {
  test('counts tests and names the skipped', () => {
    const report = vitest(passing, {
      status: 'failed',
      assertionResults: assertions('failed', 'skipped', 'pending', 'todo'),
    });
    expect(tallyOfReport(report, 1)).toEqual({ passed: 2, failed: 1, skipped: ['test 1', 'test 2', 'test 3'] });
  });
  test('a file that did not load failed', () => {
    expect(tallyOfReport(vitest(passing, { status: 'failed', assertionResults: [] }), 1).failed).toBe(1);
  });
  test('a runner that failed, for whatever reason, has failed', () => {
    expect(tallyOfReport(vitest(passing), 1)).toEqual({ passed: 2, failed: 1, skipped: [] });
    expect(tallyOfReport(undefined, 0).failed).toBe(1);
  });
  test('running nothing is no success', () => expect(tallyOfReport(vitest(), 0).failed).toBe(1));
});

test('Playwright: suites nest, flaky is failed, errors outside tests count', () => {
  const spec = (title: string, status: string) => ({ title, tests: [{ status }] });
  const report = {
    errors: [],
    suites: [
      {
        title: 'a.spec.ts',
        specs: [spec('one', 'expected')],
        suites: [
          { title: 'group', specs: [spec('two', 'skipped'), spec('three', 'flaky'), spec('four', 'unexpected')] },
        ],
      },
    ],
  };
  expect(tallyOfReport(report, 1)).toEqual({ passed: 1, failed: 2, skipped: ['a.spec.ts group two'] });
  expect(tallyOfReport({ errors: [{}], suites: [] }, 1).failed).toBe(1);
});

test('steps and sums', () => {
  expect(sum([tallyOfStep(0), tallyOfStep(2), { passed: 3, failed: 0, skipped: ['x'] }])).toEqual({
    passed: 4,
    failed: 1,
    skipped: ['x'],
  });
});

import ts from 'typescript';
import { COUNTER_ALARMS } from '../../lib/alarms/counter-alarms.ts';
import { LOG_ALARMS, LOG_FILTERS } from '../../lib/alarms/log-alarms.ts';
import { walk } from '../../tools/gates/sources.ts';
import { titledCall } from '../../tools/trace/test-names.ts';

/** What a runbook says is to be run. */
export interface DrillCommand {
  readonly file: string;
  readonly words: string;
}

const COMMAND = /^`npm test -- (\S+) -t "([^"]+)"`$/gm;

/** The command of a page's last section; undefined where there is none, or more than one. @param page text of a runbook */
export function drillOf(page: string): DrillCommand | undefined {
  const [, section] = page.split('\n## Drill\n');
  const [only, ...others] = [...(section ?? '').matchAll(COMMAND)];
  return only === undefined || others.length > 0 ? undefined : { file: only[1]!, words: only[2]! };
}

/**
 * What is wrong with the drill of a runbook; empty where nothing is.
 * @param name of the page, without `.md` @param sourceOf text of a file, undefined where there is none
 */
export function drillFaults(name: string, page: string, sourceOf: (file: string) => string | undefined): readonly string[] {
  const drill = drillOf(page);
  if (drill === undefined) return [`${name}: no section Drill with one command`];
  const source = sourceOf(drill.file);
  if (source === undefined || !drill.file.endsWith('.test.ts')) return [`${name}: ${drill.file} is no file of tests`];
  // The runner takes the words for a pattern: they have to mean themselves.
  if (/[\\^$.*+?()[\]{}|]/.test(drill.words)) return [`${name}: "${drill.words}" is a pattern`];
  const [test, ...others] = testsOf(drill.file, source).filter(({ title }) => title.includes(drill.words));
  if (test === undefined) return [`${name}: no test of ${drill.file} is called "${drill.words}"`];
  if (others.length > 0) return [`${name}: several tests of ${drill.file} are called "${drill.words}"`];
  const subject = subjectOf(name, page);
  return subject.some((word) => test.text.includes(word)) ? [] : [`${name}: "${test.title}" names none of ${subject.join(', ')}`];
}

/** Words of which a test that plays this page has at least one: its name, what is counted, codes that the alarm or the page looks for in logs. */
function subjectOf(name: string, page: string): readonly string[] {
  const metrics = [...COUNTER_ALARMS, ...LOG_ALARMS].filter(({ kind }) => kind === name).map(({ metric }) => metric.name);
  const filtered = LOG_FILTERS.filter(({ metric }) => metrics.includes(metric)).flatMap(({ codes }) => codes);
  const looked = [...page.matchAll(/code = "([A-Z_]+)"/g)].map(([, code]) => code!);
  return [...new Set([name, ...metrics, ...filtered.map((code) => code.replace('*', '')), ...looked])];
}

/** Tests of a file, each with its own source, by syntax: what stands in a comment or a string is none. */
function testsOf(file: string, source: string): readonly { readonly title: string; readonly text: string }[] {
  const found: { title: string; text: string }[] = [];
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  walk(parsed, (node) => {
    const call = titledCall(node);
    if (call !== undefined && call.kind !== 'describe') found.push({ title: call.title, text: node.getText(parsed) });
  });
  return found;
}

import { posix } from 'node:path';
import ts from 'typescript';
import { parse, place, sourceFiles } from '../gates/sources.ts';

/** A test as its source names it, before anything runs. */
export interface NamedTest {
  /** Where it stands: a `.test.ts`, or a suite that several of them run. */
  readonly file: string;
  readonly place: string;
  /** Titles of the describes around it, then its own. Placeholders of `it.each` and templates stay as they are written. */
  readonly titles: readonly string[];
}

const ROW = String.raw`[TRC]\d+(?:\.\d+)?-P?\d+`;
/** Classes of hostile input (`D10`, `G2`) may stand beside the rows. */
const LABEL = String.raw`(?:${ROW}|[A-K]\d{1,2})`;
const PREFIX = new RegExp(`^(${LABEL}(?:, ${LABEL})*): `);
const ANY_ROW = new RegExp(String.raw`(?<![\w.-])${ROW}(?![\w-])`, 'g');

/** Rows a test proves: the prefix of its title, or of a describe around it. */
export function rowsOf(titles: readonly string[]): string[] {
  const labels = titles.flatMap((title) => PREFIX.exec(title)?.[1]?.split(', ') ?? []);
  return [...new Set(labels.filter((label) => label.includes('-')))];
}

/** Everything in the titles that looks like a row, prefix or not. */
export function rowsMentioned(titles: readonly string[]): string[] {
  return [...new Set(titles.flatMap((title) => title.match(ANY_ROW) ?? []))];
}

/** Every test under test/, by syntax. */
export function testsIn(root: string): NamedTest[] {
  return sourceFiles(root, ['test']).flatMap((path) => testsOf(parse(root, path)));
}

function testsOf(file: ts.SourceFile): NamedTest[] {
  const found: NamedTest[] = [];
  const visit = (node: ts.Node, around: readonly string[]): void => {
    const call = titledCall(node);
    const titles = call === undefined ? around : [...around, call.title];
    if (call !== undefined && call.kind !== 'describe') found.push({ file: file.fileName, place: place(file, node), titles });
    node.forEachChild((child) => visit(child, titles));
  };
  visit(file, []);
  return found;
}

/** `it('...')`, `describe.each(rows)('...')`, `it.skipIf(x)('...')`; `describeShared` of test/support/shared.ts is a describe. */
export function titledCall(node: ts.Node): { kind: string; title: string } | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const name = baseName(node.expression);
  const kind = name === 'describeShared' ? 'describe' : name;
  if (kind !== 'it' && kind !== 'test' && kind !== 'describe') return undefined;
  const title = node.arguments[0];
  if (title === undefined || !(ts.isStringLiteralLike(title) || ts.isTemplateExpression(title))) return undefined;
  return { kind, title: ts.isTemplateExpression(title) ? title.getText().slice(1, -1) : title.text };
}

function baseName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression)) return baseName(expression.expression);
  return ts.isTaggedTemplateExpression(expression) ? baseName(expression.tag) : undefined;
}

/** The files of tests that run `file`: itself, or those which reach it by imports inside test/. */
export function runnersOf(root: string): (file: string) => readonly string[] {
  const files = sourceFiles(root, ['test']);
  const imports = new Map(files.map((path) => [path, importsOf(parse(root, path))]));
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (imports.get(from) ?? []).some((next) => reaches(next, to, seen));
  };
  return (file) => files.filter((path) => /\.(test|browser)\.ts$/.test(path) && reaches(path, file));
}

function importsOf(file: ts.SourceFile): string[] {
  const relative = file.statements.flatMap((statement) =>
    ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier) ? [statement.moduleSpecifier.text] : [],
  );
  return relative.filter((path) => path.startsWith('.')).map((path) => posix.join(posix.dirname(file.fileName), path));
}

/** Recognises what a title becomes when it runs: `%s`, `$name` and `${...}` stand for anything. */
export function titlePattern(titles: readonly string[]): RegExp {
  const escaped = titles.map((title) =>
    title
      .split(/\$\{[^}]*\}|\$[\w.]+|%[sdifjop#%]/)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
  return new RegExp(`^${escaped.join(' ')}$`, 's');
}

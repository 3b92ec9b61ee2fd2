import { relative } from 'node:path';

/** What is needed of Babel's path to a node. */
interface NodePath {
  readonly node: { readonly type: string; readonly value?: unknown };
  readonly parentPath: NodePath | null;
}

const STABLE_CODE = /^ERR_[A-Z0-9_]+$/;
const WORDS: readonly string[] = ['StringLiteral', 'TemplateLiteral'];
const THROWN: readonly string[] = ['ThrowStatement', 'NewExpression'];
const WITHIN: readonly string[] = ['CallExpression', 'NewExpression', 'ConditionalExpression', 'BinaryExpression'];

/**
 * The words of an error are for people and may change in any release; its code is the contract, and stays mutated. So literals of what
 * is thrown or made as an error are left alone, unless they are a code.
 */
function shouldIgnore({ node, parentPath }: NodePath): string | undefined {
  if (!WORDS.includes(node.type) || (typeof node.value === 'string' && STABLE_CODE.test(node.value))) return undefined;
  for (let path = parentPath; path !== null; path = path.parentPath) {
    if (THROWN.includes(path.node.type)) return 'words of an error';
    if (!WITHIN.includes(path.node.type)) return undefined;
  }
  return undefined;
}

/** Where a change is, and what it became. */
interface Change {
  readonly fileName: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
  readonly status: string;
}

/** `file:line:column  what it became`. @param root of the file's name */
export function lineOf(root: string, { fileName, location, replacement, status, mutatorName }: Change): string {
  const { line, column } = location.start;
  const became = (replacement ?? '').replaceAll(/\s+/g, ' ').slice(0, 120);
  return `${relative(root, fileName)}:${line}:${column}  ${mutatorName}: ${became}${status === 'NoCoverage' ? '  (no test reaches it)' : ''}`;
}

/** Says on standard error how far it is, and each change that nobody noticed as soon as it is known. */
class AsTheyCome {
  #planned = 0;
  #tested = 0;

  onMutationTestingPlanReady({ mutantPlans }: { readonly mutantPlans: readonly unknown[] }): void {
    this.#planned = mutantPlans.length;
  }

  onMutantTested(change: Change): void {
    this.#tested++;
    if (change.status === 'Survived') process.stderr.write(`  ${lineOf(process.cwd(), change)}\n`);
    if (this.#tested % 100 === 0) process.stderr.write(`${this.#tested} of ${this.#planned} changes tried\n`);
  }
}

/** As Stryker loads them. */
export const strykerPlugins = [
  { kind: 'Ignore', name: 'messages', value: { shouldIgnore } },
  { kind: 'Reporter', name: 'as-they-come', injectableClass: AsTheyCome },
];

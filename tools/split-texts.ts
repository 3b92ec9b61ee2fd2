import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { Plugin } from 'vite';

/** Languages that an application fetches when somebody reads them; English is in the script. */
const FETCHED = ['de', 'fr'] as const;
/** What stands in web/shared/texts.ts for the files. */
const PLACE = '__TEXT_FILES__';
const MAKER = 'createMessages';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [name: string]: unknown;
}

type Texts = Record<string, object>;

/**
 * Takes the texts of all languages but English out of the script and puts them into a file for each language. The script names each file
 * with its hash, by which the browser checks it.
 */
export function splitTexts(root: string): Plugin {
  const texts: Readonly<Record<(typeof FETCHED)[number], Texts>> = { de: {}, fr: {} };
  return {
    name: 'split-texts',
    transform(code, file) {
      if (!/\bcreateMessages\(\s*\{/.test(code)) return undefined;
      const id = relative(root, file.split('?')[0]!).replaceAll('\\', '/');
      const program = this.parse(code) as unknown as { readonly body: readonly Node[] };
      const [call] = callsIn(program.body);
      if (call === undefined) return undefined;
      const catalogues = (call['arguments'] as readonly Node[])[0]!;
      const of = (language: string) => catalogueOf(program.body, catalogues, language);
      for (const language of FETCHED) texts[language][id] = evaluated(code, of(language), id);
      const english = of('en');
      const kept = `{ en: ${code.slice(english.start, english.end)} }, ${JSON.stringify(id)}`;
      return { code: code.slice(0, catalogues.start) + kept + code.slice(catalogues.end), map: null };
    },
    renderChunk(code) {
      for (const language of FETCHED) this.emitFile({ type: 'asset', ...fileOf(language, texts[language]) });
      const named = FETCHED.map((language) => [language, addressOf(language, texts[language])] as const);
      return { code: code.replaceAll(PLACE, `(${JSON.stringify(Object.fromEntries(named))})`), map: null };
    },
  };
}

function fileOf(language: string, texts: Texts): { readonly fileName: string; readonly source: string } {
  const sorted = Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
  const source = JSON.stringify(sorted);
  const name = createHash('sha256').update(source).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 8);
  return { fileName: `assets/texts-${language}-${name}.json`, source };
}

function addressOf(language: string, texts: Texts): { readonly path: string; readonly integrity: string } {
  const { fileName, source } = fileOf(language, texts);
  return { path: `/${fileName}`, integrity: `sha384-${createHash('sha384').update(source).digest('base64')}` };
}

function callsIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(callsIn);
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Node;
  const isCall = node.type === 'CallExpression' && (node['callee'] as { name?: string }).name === MAKER;
  return isCall ? [node] : Object.values(node).flatMap(callsIn);
}

/** The object of a language, where it is written or in the constant that is named. */
function catalogueOf(body: readonly Node[], catalogues: Node, language: string): Node {
  const properties = catalogues['properties'] as readonly (Node & { key: { name: string }; value: Node })[];
  const value = properties.find(({ key }) => key.name === language)?.value;
  if (value?.type === 'ObjectExpression') return value;
  const declared = body.flatMap((node) => (node.type === 'VariableDeclaration' ? (node['declarations'] as Node[]) : []));
  const found = declared.find(({ id }) => (id as { name: string }).name === value?.['name'])?.['init'] as Node | undefined;
  if (found?.type !== 'ObjectExpression') throw new Error(`no texts in ${language}`);
  return found;
}

/** Texts are literals: an expression with a name in it fails here. */
function evaluated(code: string, node: Node, id: string): object {
  try {
    return new Function(`return (${code.slice(node.start, node.end)})`)() as object;
  } catch (cause) {
    throw new Error(`${id}: texts are no plain literals`, { cause });
  }
}

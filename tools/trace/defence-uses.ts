import ts from 'typescript';
import { ALL_DEFENCES, type Defences, ROWS_OF_DEFENCE } from '../../topology/defences.ts';
import { PRODUCT_ROOMS, parse, sourceFiles, walk } from '../gates/sources.ts';

export type DefenceName = keyof Defences;

/** One mechanism: what its field promises, which rows rest on it, which files ask whether it is on. */
export interface DefenceUse {
  readonly name: DefenceName;
  readonly promise: string;
  readonly rows: readonly string[];
  readonly files: readonly string[];
}

const HOME = 'topology/defences.ts';

export function defenceNames(): DefenceName[] {
  return Object.keys(ALL_DEFENCES) as DefenceName[];
}

/** Every mechanism with the product files that read its field. */
export function defenceUses(root: string): DefenceUse[] {
  const promises = docComments(parse(root, HOME));
  const readers = readersByField(root);
  return defenceNames().map((name) => ({
    name,
    promise: promises.get(name) ?? '',
    rows: ROWS_OF_DEFENCE[name],
    files: readers.get(name) ?? [],
  }));
}

function docComments(file: ts.SourceFile): Map<string, string> {
  const comments = new Map<string, string>();
  walk(file, (node) => {
    if (!ts.isPropertySignature(node)) return;
    const text = ts.getJSDocCommentsAndTags(node).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '');
    comments.set(node.name.getText(file), text.join(' ').replaceAll(/\s+/g, ' ').trim());
  });
  return comments;
}

/** `defences.frameTag`, or `{ frameTag }` taken out of a record. */
function readersByField(root: string): Map<string, string[]> {
  const fields = new Set<string>(defenceNames());
  const readers = new Map<string, string[]>();
  for (const path of sourceFiles(root, PRODUCT_ROOMS)) {
    if (path === HOME) continue;
    const read = new Set<string>();
    walk(parse(root, path), (node) => {
      if (ts.isPropertyAccessExpression(node)) read.add(node.name.text);
      if (ts.isBindingElement(node)) read.add((node.propertyName ?? node.name).getText());
    });
    for (const field of read) if (fields.has(field)) readers.set(field, [...(readers.get(field) ?? []), path]);
  }
  return readers;
}

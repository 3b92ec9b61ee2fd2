import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

/** The rooms of the house; a folder that is not here has no import rule, so the house gate refuses it. */
export const PRODUCT_ROOMS = [
  'bin',
  'lib',
  'topology',
  'events',
  'domain',
  'protocol',
  'api',
  'exchange',
  'lambdas',
  'platform',
  'devices',
  'web',
] as const;
const ALL_ROOMS = [...PRODUCT_ROOMS, 'test', 'bench', 'fuzz', 'tools'] as const;

/** What a gate found, and how much it looked at: a gate that saw nothing proves nothing. */
export interface GateReport {
  readonly seen: number;
  readonly findings: readonly string[];
}

/** Rooms that exist under `root`. */
export function roomsIn(root: string, rooms: readonly string[] = ALL_ROOMS): string[] {
  return rooms.filter((room) => existsSync(join(root, room)));
}

/** Paths of TypeScript files in the rooms, relative to `root`, with `/`, sorted. */
export function sourceFiles(root: string, rooms: readonly string[] = ALL_ROOMS): string[] {
  const patterns = rooms.map((room) => `${room}/**/*.ts`);
  const found = globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' });
  return found.map((path) => path.split(sep).join('/')).sort();
}

/** Syntax tree of one file, with parents. */
export function parse(root: string, path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ESNext, true);
}

/** `path:line`, for a person to click on. */
export function place(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

/** Visits a tree in source order. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

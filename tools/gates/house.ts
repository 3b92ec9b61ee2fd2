import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type GateReport, PRODUCT_ROOMS, parse, place, sourceFiles, walk } from './sources.ts';

const MAX_LINES = 300;
const MAX_HANDLER_LINES = 40;
/** The one file that may gather others. */
const BARREL = 'events/index.ts';
const PLATFORM_ROOMS = ['ports', 'kms', 'store', 'doors', 'aws', 'embedded'];
const KNOWN_FOLDERS: readonly string[] = PRODUCT_ROOMS;
const OTHER_FOLDERS = ['docs', 'node_modules', 'test', 'bench', 'fuzz', 'tools', 'coverage', 'tariffs'];

/** Limits of the house that no linter rule covers. `seen` counts files. */
export function houseGate(root: string): GateReport {
  const files = sourceFiles(root);
  const findings = [...strayFolders(root)];
  for (const path of files) {
    const file = parse(root, path);
    findings.push(...tooLong(file), ...barrel(file), ...forbiddenSyntax(file));
    if (path.startsWith('test/')) findings.push(...switchedOffTests(file));
  }
  return { seen: files.length, findings };
}

/** A folder without an import rule would be a room where everything is allowed. */
function strayFolders(root: string): string[] {
  const folders = (path: string) =>
    existsSync(join(root, path))
      ? readdirSync(join(root, path), { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      : [];
  const top = folders('.').filter(({ name }) => !KNOWN_FOLDERS.includes(name) && !OTHER_FOLDERS.includes(name));
  const platform = folders('platform').filter(({ name }) => !PLATFORM_ROOMS.includes(name));
  return [...top.map(({ name }) => name), ...platform.map(({ name }) => `platform/${name}`)].map(
    (name) => `${name}/: no such room in the import table`,
  );
}

function tooLong(file: ts.SourceFile): string[] {
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  const limit = /^lambdas\/[^/]+\/handler\.ts$/.test(file.fileName) ? MAX_HANDLER_LINES : MAX_LINES;
  return lines < limit ? [] : [`${file.fileName}: ${lines} lines, the limit is under ${limit}`];
}

/** A file that only passes on what others export, or passes on everything of one. */
function barrel(file: ts.SourceFile): string[] {
  if (file.fileName === BARREL) return [];
  const passesOn = (statement: ts.Statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
  const everything = file.statements.filter(
    (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined && statement.exportClause === undefined,
  );
  if (everything.length > 0) return everything.map((statement) => `${place(file, statement)}: export * makes a barrel`);
  const rest = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
  return rest.length > 0 && rest.every(passesOn) ? [`${file.fileName}: a barrel file`] : [];
}

function forbiddenSyntax(file: ts.SourceFile): string[] {
  const findings: string[] = [];
  walk(file, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) findings.push(`${place(file, node)}: any`);
    if (ts.isEnumDeclaration(node)) findings.push(`${place(file, node)}: enum`);
  });
  const silenced = /^\s*(?:\/\/|\/\*+)\s*@ts-(ignore|nocheck)\b/m.exec(file.text);
  if (silenced !== null) findings.push(`${file.fileName}: @ts-${silenced[1]}`);
  return findings;
}

/** `skipIf` and `runIf` state their condition; skip, only and todo hide a test from everybody. */
function switchedOffTests(file: ts.SourceFile): string[] {
  const findings: string[] = [];
  walk(file, (node) => {
    if (!ts.isPropertyAccessExpression(node) || !['skip', 'only', 'todo', 'fails'].includes(node.name.text)) return;
    if (/^(it|test|describe)\b/.test(node.expression.getText(file))) findings.push(`${place(file, node)}: .${node.name.text}`);
  });
  return findings;
}

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly inBundle?: boolean;
}

/** A build of a development tool for one platform may lack its hash where the registry that made the lock file had none. */
function isForeignBinary({ optional, os, cpu }: LockedPackage): boolean {
  return optional === true && os !== undefined && cpu !== undefined;
}

/** What comes inside another package's archive lies under that one's hash. */
function isBundled({ inBundle }: LockedPackage): boolean {
  return inBundle === true;
}

/** The lock file holds for every machine: no registry host, and a Node for each platform that has one. `seen` counts packages. */
export function lockGate(root: string): GateReport {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const packages = JSON.parse(text).packages as Record<string, LockedPackage>;
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  const findings: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    const { resolved, integrity, optionalDependencies = {} } = entry;
    if (resolved !== undefined) findings.push(`package-lock.json: ${path} names where it came from`);
    if (path !== '' && integrity === undefined && !isForeignBinary(entry) && !isBundled(entry))
      findings.push(`package-lock.json: ${path} has no integrity hash`);
    const missing = Object.keys(optionalDependencies).filter((name) => !names.has(name));
    findings.push(...missing.map((name) => `package-lock.json: ${name} has no entry, so npm ci refuses`));
  }
  for (const platform of ['linux-x64', 'linux-arm64', 'win-x64']) {
    const version = packages[`node_modules/node-${platform}`]?.version ?? 'missing';
    if (!version.startsWith('24.')) findings.push(`package-lock.json: node-${platform} is ${version}, not 24`);
  }
  return { seen: Object.keys(packages).length, findings };
}

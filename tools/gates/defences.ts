import ts from 'typescript';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { type GateReport, PRODUCT_ROOMS, parse, place, sourceFiles, walk } from './sources.ts';

const FIELDS = new Set(Object.keys(ALL_DEFENCES));
/** protocol/ knows no Defences; it takes these instead, each handed a field of the record. */
const PROTOCOL_SWITCHES = new Set(['verifyTag', 'verifyMac', 'allowList', 'verifyManifest', 'verifyFiles']);
/** The record itself; nothing else that ships may make one. */
const HOME = 'topology/defences.ts';
/** The environment variable of `npm run trace -- --prove`, which only the tests read. */
const SWITCH = 'JOULEKEEP_DEFENCE_OFF';

/**
 * Nothing that ships weakens itself: bin/, every aws.ts and the rest of the product hand on ALL_DEFENCES, or the record
 * they were given, and never make another. `seen` counts files.
 */
export function defencesGate(root: string): GateReport {
  const files = sourceFiles(root, PRODUCT_ROOMS).filter((path) => path !== HOME);
  const findings = files.flatMap((path) => weakened(parse(root, path)));
  return { seen: files.length, findings };
}

function weakened(file: ts.SourceFile): string[] {
  const findings: string[] = [];
  const report = (node: ts.Node, what: string) => findings.push(`${place(file, node)}: ${what}`);
  if (file.text.includes(SWITCH)) findings.push(`${file.fileName}: reads ${SWITCH}`);
  const taken = takenOut(file);
  walk(file, (node) => {
    if (ts.isSpreadAssignment(node) && namesDefences(node.expression)) report(node, 'spreads a record of defences');
    if (ts.isPropertyAssignment(node) && !handsOn(node)) report(node, `sets ${node.name.getText(file)} itself`);
    if (ts.isShorthandPropertyAssignment(node) && FIELDS.has(node.name.text) && !taken.has(node.name.text)) {
      report(node, `sets ${node.name.text} itself`);
    }
    if (isAssertion(node) && namesDefencesType(node.type)) report(node, 'asserts a record of defences');
    if (isAssignment(node) && ts.isPropertyAccessExpression(node.left) && FIELDS.has(node.left.name.text)) {
      if (namesDefences(node.left.expression)) report(node, `changes ${node.left.name.text}`);
    }
    if (isAwsEntry(file) && ts.isIdentifier(node) && /[dD]efences$/.test(node.text)) report(node, 'an aws.ts names no other record');
  });
  return findings;
}

/** Fields that a file takes out of a record (`{ frameTag } = defences`) and declares in no other way. */
function takenOut(file: ts.SourceFile): ReadonlySet<string> {
  const taken = new Set<string>();
  const declared = new Set<string>();
  walk(file, (node) => {
    if (ts.isBindingElement(node) && ts.isIdentifier(node.name) && node.initializer === undefined) taken.add(node.name.text);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) declared.add(node.name.text);
  });
  return taken.difference(declared);
}

/** In an aws.ts the default of makeX is the only record, so the word does not occur but in ALL_DEFENCES. */
function isAwsEntry(file: ts.SourceFile): boolean {
  return /^lambdas\/[^/]+\/aws\.ts$/.test(file.fileName);
}

/** `defences: defences`, `defences: ALL_DEFENCES`, `frameTag: defences.frameTag`; everything that is no defence at all. */
function handsOn(node: ts.PropertyAssignment): boolean {
  const name = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : '';
  if (name === 'defences') return namesDefences(node.initializer);
  if (!FIELDS.has(name) && !PROTOCOL_SWITCHES.has(name)) return true;
  if (isNoBoolean(node.initializer)) return true;
  const last = ts.isPropertyAccessExpression(node.initializer) ? node.initializer.name.text : '';
  return FIELDS.has(name) ? last === name : FIELDS.has(last);
}

/** A table of limits may be called `rateLimits` too; it switches nothing. */
function isNoBoolean(expression: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(expression) || ts.isArrayLiteralExpression(expression) || ts.isLiteralExpression(expression);
}

/** ALL_DEFENCES, defences, this.defences, options.defences ?? ALL_DEFENCES. */
function namesDefences(expression: ts.Expression): boolean {
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return namesDefences(expression.left) && namesDefences(expression.right);
  }
  const last = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return (ts.isIdentifier(last) || ts.isPrivateIdentifier(last)) && /^#?(ALL_DEFENCES|defences)$/.test(last.text);
}

function isAssertion(node: ts.Node): node is ts.AsExpression | ts.SatisfiesExpression {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node);
}

function namesDefencesType(type: ts.TypeNode): boolean {
  return /\bDefences\b/.test(type.getText());
}

function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

import type { Row } from '../../../../platform/aws/dynamo/row.ts';
import { fault } from './fake-client.ts';

export type Names = Readonly<Record<string, string>>;

type Value = Row[string] | undefined;

const TERM = /^(\S+) (=|<=|>=|<|>) (:\w+)$/;
const CALL = /^(attribute_exists|attribute_not_exists|begins_with)\((\S+?)(?:, (:\w+))?\)$/;

/** Whether an expression of conditions holds of an item: `OR` of `AND` of comparisons and calls, nested in one level of brackets. */
export function holds(expression: string, row: Row | undefined, names: Names, values: Row): boolean {
  return expression.split(/ OR (?![^(]*\))/).some((part) =>
    part
      .replace(/^\((.*)\)$/, '$1')
      .split(' AND ')
      .every((term) => termHolds(term, row, names, values)),
  );
}

export function attributeNamed(name: string, names: Names): string {
  return name.startsWith('#') ? (names[name] ?? '') : name;
}

function termHolds(term: string, row: Row | undefined, names: Names, values: Row): boolean {
  const attribute = (name: string): Value => row?.[attributeNamed(name, names)];
  const call = CALL.exec(term);
  if (call !== null) {
    const value = attribute(call[2]!);
    if (call[1] === 'begins_with') return value?.S?.startsWith(values[call[3]!]!.S!) ?? false;
    return (value !== undefined) === (call[1] === 'attribute_exists');
  }
  const compared = TERM.exec(term);
  if (compared === null) throw fault('ValidationException');
  const order = orderOf(attribute(compared[1]!), values[compared[3]!]);
  if (order === undefined) return false;
  const operator = compared[2]!;
  return (operator.includes('=') && order === 0) || (operator.includes('<') && order < 0) || (operator.includes('>') && order > 0);
}

function orderOf(a: Value, b: Value): number | undefined {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item of a table as the API has it. */
export type Row = Record<string, AttributeValue>;

export function text(value: string): AttributeValue {
  return { S: value };
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

export function bytes(value: Uint8Array): AttributeValue {
  return { B: value };
}

export function textOf(row: Row, name: string): string {
  return row[name]?.S ?? '';
}

export function numberOf(row: Row, name: string): number {
  return Number(row[name]?.N ?? 0);
}

export function bytesOf(row: Row, name: string): Buffer {
  const value = row[name]?.B;
  return value === undefined ? Buffer.alloc(0) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Bytes that an item counts as: names and values, about as DynamoDB adds them up. */
export function sizeOf(row: Row): number {
  return Object.entries(row).reduce((sum, [name, value]) => sum + name.length + valueSize(value), 0);
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return value.B.length;
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  return value.L === undefined ? 1 : value.L.reduce((sum, entry) => sum + 1 + valueSize(entry), 3);
}

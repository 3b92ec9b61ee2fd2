export type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about validity, or are looked at beside their schema. */
const SILENT = [
  'description',
  'example',
  'default',
  'discriminator',
  'title',
  'nullable',
  'format',
  'items',
  'required',
  '$comment',
  '$id',
];

/**
 * What of a value contradicts a schema of OpenAPI 3.0, by place; nothing when it is valid. A keyword it doesn't know is an error of
 * the test.
 * @param find schema that a `$ref` names
 */
export function contradictions(value: unknown, schema: Schema, find: (ref: string) => Schema, place = '$'): readonly string[] {
  if (typeof schema['$ref'] === 'string') return contradictions(value, find(schema['$ref']), find, place);
  if (value === null && schema['nullable'] === true) return [];
  const found: string[] = [];
  const deeper = (inner: unknown, of: unknown, at: string) => contradictions(inner, of as Schema, find, at);
  for (const [keyword, rule] of Object.entries(schema)) {
    if (keyword === 'allOf') found.push(...(rule as Schema[]).flatMap((part) => deeper(value, part, place)));
    else if (keyword === 'anyOf' || keyword === 'oneOf') {
      if (!(rule as Schema[]).some((part) => deeper(value, part, place).length === 0)) found.push(`${place}: none of ${keyword}`);
    } else if (keyword === 'properties') {
      for (const [name, part] of Object.entries(rule as Schema)) {
        const inner = (value as Schema | null)?.[name];
        if (inner !== undefined) found.push(...deeper(inner, part, `${place}.${name}`));
      }
    } else if (!SILENT.includes(keyword) && !holds(keyword, rule, value)) found.push(`${place}: ${keyword} ${String(rule)}`);
  }
  for (const name of (schema['required'] as readonly string[] | undefined) ?? []) {
    if (typeof value !== 'object' || value === null || (value as Schema)[name] === undefined) found.push(`${place}: ${name} is missing`);
  }
  if (Array.isArray(value) && schema['items'] !== undefined) {
    found.push(...value.flatMap((item, i) => deeper(item, schema['items'], `${place}[${i}]`)));
  }
  if (schema['format'] === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(String(value))) {
    found.push(`${place}: no date-time`);
  }
  return found;
}

function holds(keyword: string, rule: unknown, value: unknown): boolean {
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  switch (keyword) {
    case 'type':
      return rule === typeOf(value) || (rule === 'number' && typeOf(value) === 'integer');
    case 'enum':
      return (rule as readonly unknown[]).includes(value);
    case 'pattern':
      return new RegExp(rule as string).test(String(value));
    case 'minLength':
    case 'minItems':
      return size >= Number(rule);
    case 'maxLength':
    case 'maxItems':
      return size <= Number(rule);
    case 'minimum':
      return Number(value) >= Number(rule);
    case 'maximum':
      return Number(value) <= Number(rule);
    default:
      throw new Error(`keyword ${keyword} is not known`);
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

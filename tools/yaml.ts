/** A document as YAML lines, without the line break before the first. Texts are quoted as JSON quotes them, which YAML reads the same. */
export function yamlOf(value: unknown, indent = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [' []'] : ['', ...value.flatMap((item) => itemOf(item, indent))];
  if (typeof value !== 'object' || value === null) return [inline(value)];
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return [' {}'];
  return [
    '',
    ...entries.flatMap(([key, member]) => {
      const [first, ...rest] = yamlOf(member, `${indent}  `);
      return [`${indent}${keyOf(key)}:${first}`, ...rest];
    }),
  ];
}

/** The first line of a member stands behind its dash. */
function itemOf(item: unknown, indent: string): string[] {
  const [first = '', ...rest] = yamlOf(item, `${indent}  `);
  if (first !== '') return [`${indent}-${first}`];
  const [begin = '', ...others] = rest;
  return [`${indent}- ${begin.trimStart()}`, ...others];
}

function keyOf(key: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(key) ? key : JSON.stringify(key);
}

function inline(value: unknown): string {
  return ` ${JSON.stringify(value)}`;
}

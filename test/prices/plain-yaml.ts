interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * Reads the part of YAML that API descriptions are written in: nested mappings and sequences, plain and quoted scalars, one-line flow
 * sequences, literal blocks, comments. @throws for anything else
 */
export function readPlainYaml(text: string): unknown {
  const lines = text.split('\n').flatMap((raw): Line[] => {
    const indent = raw.length - raw.trimStart().length;
    return raw.trim() === '' || raw.trim().startsWith('#') ? [] : [{ indent, text: raw.trim() }];
  });
  return new Reader(lines).block(0);
}

class Reader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  block(indent: number): unknown {
    const first = this.#lines[this.#at];
    if (first === undefined || first.indent < indent) return null;
    return first.text.startsWith('- ') || first.text === '-' ? this.#sequence(first.indent) : this.#mapping(first.indent);
  }

  #mapping(indent: number): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    for (let line = this.#lines[this.#at]; line?.indent === indent && !line.text.startsWith('- '); line = this.#lines[this.#at]) {
      const [, key, rest] = /^("[^"]*"|'[^']*'|[^\s'"][^:]*):(?:\s+(.*))?$/.exec(line.text) ?? [];
      if (key === undefined) throw new SyntaxError(`no mapping: ${line.text}`);
      this.#at += 1;
      mapping[key.replace(/^['"]|['"]$/g, '')] = this.#value(rest ?? '', indent);
    }
    return mapping;
  }

  #sequence(indent: number): unknown[] {
    const sequence: unknown[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent && /^-( |$)/.test(line.text); line = this.#lines[this.#at]) {
      const rest = line.text.slice(1).trim();
      const nested = indent + line.text.indexOf(rest);
      if (/^[A-Za-z$][\w$]*:( |$)/.test(rest)) {
        (this.#lines as Line[])[this.#at] = { indent: nested, text: rest };
        sequence.push(this.#mapping(nested));
      } else {
        this.#at += 1;
        sequence.push(this.#value(rest, indent));
      }
    }
    return sequence;
  }

  #value(rest: string, indent: number): unknown {
    if (rest.startsWith('|') || rest.startsWith('>')) return this.#literal(indent);
    const plain = /^["'[]/.test(rest) ? rest : rest.replace(/(^|\s)#.*$/, '').trim();
    if (plain !== '') return scalar(plain);
    const next = this.#lines[this.#at];
    const isNested = next !== undefined && (next.indent > indent || (next.indent === indent && next.text.startsWith('- ')));
    return isNested ? this.block(next.indent) : null;
  }

  #literal(indent: number): string {
    const lines: string[] = [];
    for (let line = this.#lines[this.#at]; line !== undefined && line.indent > indent; line = this.#lines[this.#at]) {
      lines.push(line.text);
      this.#at += 1;
    }
    return lines.join('\n');
  }
}

function scalar(text: string): unknown {
  if (text.startsWith('"')) return JSON.parse(text.replace(/"\s+#.*$/, '"'));
  if (text.startsWith("'")) return text.replace(/'\s+#.*$/, "'").slice(1, -1);
  if (text.startsWith('[')) {
    const inside = text.slice(1, text.lastIndexOf(']')).trim();
    return inside === '' ? [] : inside.split(',').map((part) => scalar(part.trim()));
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

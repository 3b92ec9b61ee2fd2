import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What was measured of faults, floods, bad input and changed code, a section for each command. */
export const PAGE = 'docs/reliability.md';
const HEAD = '# Reliability\n\nWhat was tried against it, and what came of it; each section names the command that measured it.\n';

/** A section of the page without its heading; empty when there is none. */
export function sectionOf(page: string, title: string): string {
  const found = bounds(page, title);
  return found === undefined ? '' : page.slice(found.body, found.end).trim();
}

/** The page with this section instead of the one of the same title, or behind all others. */
export function withSection(page: string, title: string, body: string): string {
  const found = bounds(page, title);
  const text = `## ${title}\n${body.trim()}\n`;
  if (found === undefined) return `${page.trimEnd()}\n\n${text}`;
  const rest = page.slice(found.end);
  return `${page.slice(0, found.begin)}${text}${rest === '' ? '' : `\n${rest}`}`;
}

/** Replaces one section of docs/reliability.md. @param bodyFrom its new body, from what it was */
export function writeSection(root: string, title: string, bodyFrom: (before: string) => string): void {
  const path = join(root, PAGE);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : HEAD;
  writeFileSync(path, withSection(page, title, bodyFrom(sectionOf(page, title))));
}

function bounds(page: string, title: string): { begin: number; body: number; end: number } | undefined {
  const heading = `## ${title}\n`;
  const begin = page.startsWith(heading) ? 0 : page.indexOf(`\n${heading}`) + 1;
  if (begin === 0 && !page.startsWith(heading)) return undefined;
  const body = begin + heading.length;
  const next = page.indexOf('\n## ', body - 1);
  return { begin, body, end: next < 0 ? page.length : next + 1 };
}

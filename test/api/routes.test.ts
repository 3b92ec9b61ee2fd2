import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDIT_METHODS } from '../../api/edits.ts';
import { PROBLEMS, Problem, problemOf } from '../../api/problems.ts';
import { API_SCHEMAS } from '../../api/schemas.ts';
import { METHODS } from '../../domain/vee/ladder.ts';
import { type ApiRoute, matchRoute, ROUTES } from '../../topology/routes.ts';

const routes: readonly ApiRoute[] = ROUTES;

describe('routes', () => {
  it('have unique names and places', () => {
    expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`)).size).toBe(routes.length);
  });

  it('name schemas that exist, and the parameters their paths have', () => {
    for (const { path, schemas } of routes) {
      for (const name of Object.values(schemas)) expect(Object.keys(API_SCHEMAS), path).toContain(name);
      const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const schema = API_SCHEMAS[schemas.path as 'EditPath'];
      expect(Object.keys(schema.shape).sort()).toEqual(parameters.sort());
    }
  });

  it('read with GET and change with POST; a change of a day is versioned', () => {
    for (const { method, changes, schemas, secondPerson } of routes) {
      if (method === 'GET' || method === 'DELETE') expect(schemas.body).toBe('NoBody');
      if (method === 'GET') expect(changes).toBe('nothing');
      if (secondPerson !== 'never') expect(changes).toBe('versioned');
    }
  });

  it('every one is found by its own path, with its parameters', () => {
    for (const route of routes) {
      const path = route.path
        .replace('{meterId}', '02a1b2c3d4e5f607')
        .replace('{day}', '2026-01-15.2')
        .replace('{edit}', '7')
        .replace('{area}', 'hill_mill')
        .replace('{row}', 'cm93')
        .replace('{month}', '2026-01')
        .replace(/\{\w+\}/g, 'some-name');
      expect(matchRoute(route.door, route.method, path)?.route).toBe(route);
    }
    expect(matchRoute('console', 'POST', '/v1/days/a/b/edits/7/undo')?.parameters).toEqual({ meterId: 'a', day: 'b', edit: '7' });
  });

  it('no path has two spellings: what matches holds nothing that an encoding, a dot or a slash could change', () => {
    const hostile = [
      '..',
      '.',
      '',
      '%2f',
      '%2e%2e',
      ';',
      '\\',
      '?',
      '#',
      ' ',
      '\0',
      'ä',
      'a\n',
      'toString',
      '__proto__',
      'a',
      '2026-01-15',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...hostile),
      fc.tuple(fc.constantFrom(...hostile), fc.constantFrom(...hostile)).map((two) => two.join('')),
    );
    const any = fc
      .constantFrom(...routes)
      .chain((route) =>
        fc.infiniteStream(piece).map((pieces) => ({ route, path: route.path.replace(/\{\w+\}/g, () => String(pieces.next().value)) })),
      );
    let matched = 0;
    fc.assert(
      fc.property(any, ({ route, path }) => {
        const match = matchRoute(route.door, route.method, path);
        if (match === undefined) return;
        matched++;
        expect(new URL(path, 'https://x').pathname).toBe(path);
        expect(decodeURIComponent(path)).toBe(path);
      }),
      { numRuns: 2_000 },
    );
    expect(matched).toBeGreaterThan(50);
  });
});

describe('problems', () => {
  it('have a type of their own each, and a status that says whose fault it is', () => {
    for (const name of Object.keys(PROBLEMS) as (keyof typeof PROBLEMS)[]) {
      const problem = Problem.parse(problemOf(name, 'r'));
      expect(problem.type).toBe(`urn:joulekeep:problem:${name}`);
      expect(problem.status).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('methods', () => {
  it('that a person may choose are those of the ladder', () => {
    expect([...EDIT_METHODS].sort()).toEqual(Object.keys(METHODS).sort());
  });
});

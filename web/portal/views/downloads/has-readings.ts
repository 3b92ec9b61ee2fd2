import type { Form } from './file-request.ts';

/** Whether a file tells any energy. Intervals of which none is known stand in a table and in JSON all the same. */
export function hasReadings(form: Form, text: string): boolean {
  if (form === 'espi') return /<(?:\w+:)?IntervalReading[\s>]/.test(text);
  if (form === 'json') return /"energy":-?\d/.test(text);
  const [head = '', ...rows] = text.split(/\r?\n/);
  // No cell before it holds a comma: names of usage points, words, and times.
  const energy = head.split(',').indexOf('energy');
  return rows.some((row) => (row.split(',')[energy] ?? '') !== '');
}

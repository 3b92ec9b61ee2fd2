import { expect, it } from 'vitest';
import { CATALOGUE } from '../../events/catalogue/catalogue.ts';
import { typesOf } from '../../events/catalogue/versions.ts';
import { synthesize } from './app.ts';
import { resolved } from './resolved.ts';

it('every published type has its schema in the registry, closed, with the envelope around it', () => {
  const schemas = resolved(synthesize()).filter(({ Type }) => Type === 'AWS::EventSchemas::Schema');
  expect(schemas.map(({ Properties }) => Properties['SchemaName']).sort()).toEqual(CATALOGUE.flatMap(typesOf).sort());
  for (const { Properties } of schemas) {
    const content = JSON.parse(String(Properties['Content'])) as {
      additionalProperties: boolean;
      properties: { type: object; data: object };
    };
    expect(content).toMatchObject({ $schema: 'http://json-schema.org/draft-04/schema#', additionalProperties: false });
    expect(content.properties).toMatchObject({ type: { enum: [Properties['SchemaName']] }, data: { additionalProperties: false } });
  }
});

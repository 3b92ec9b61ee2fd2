import { makeEdit } from '../lambdas/edit/handler.ts';
import { HttpsGateway } from '../platform/embedded/https/gateway.ts';
import { PersonAuthorizer } from '../platform/embedded/https/person-authorizer.ts';
import type { Embedded } from '../platform/embedded/platform.ts';
import type { Clock } from '../platform/ports/platform.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';

/** The API for people with certificates, with every function that a route names. @param port 0 = any free one */
export function listenForPeople(platform: Embedded, clock: Clock, port: number): Promise<HttpsGateway> {
  const { ca, log, people } = platform;
  const authorizer = new PersonAuthorizer(people, clock, ALL_DEFENCES);
  const handlers = { edit: makeEdit(platform.as('editing'), ALL_DEFENCES) };
  return HttpsGateway.listen({ ca, authorizer, handlers, clock, log, defences: ALL_DEFENCES, port });
}

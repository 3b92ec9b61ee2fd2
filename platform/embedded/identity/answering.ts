import type { RequestListener } from 'node:http';
import { codeOf } from '../../../events/errors.ts';
import { makeProvider, type Origins } from './provider.ts';
import type { IdentityServerOptions } from './server.ts';
import { SignInPages } from './sign-in.ts';
import { PasskeyCeremonies } from './webauthn.ts';

/** What answers at the provider's listener: our pages, and the protocol's own for the rest. */
export function answering(options: IdentityServerOptions, issuer: string, origins: Origins): RequestListener {
  const { accounts, key, log, tries, defences, monotonic } = options;
  const provider = makeProvider({ issuer, key, accounts, origins });
  provider.on('server_error', (_ctx: unknown, error: unknown) => log.error('identity provider failed', { code: codeOf(error) }));
  const ceremonies = new PasskeyCeremonies(accounts, issuer);
  const pages = new SignInPages({ provider, accounts, ceremonies, log, tries, defences, monotonic });
  const rest = provider.callback();
  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0]!;
    if (!(await pages.serve({ request, response }, path))) await rest(request, response);
  };
}

/** What the identity provider uses of oidc-provider besides what the authorization server does. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface ProviderSession {
    readonly accountId?: string;
    /** UTC seconds. */
    readonly loginTs?: number;
  }

  interface OpenIdGrant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface Provider {
    readonly Session: { get(context: unknown): Promise<ProviderSession> };
    createContext(request: IncomingMessage, response: ServerResponse): unknown;
    /** @returns where the browser goes on */
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<string>;
  }

  namespace interactionPolicy {
    /** The standard's prompts: login, then consent. */
    function base(): { get(prompt: 'login'): { readonly checks: { add(check: Check): void } } };
  }
}

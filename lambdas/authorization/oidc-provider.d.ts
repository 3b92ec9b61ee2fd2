/** What is used here of oidc-provider, which comes without types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Adapter {
    upsert(id: string, payload: Record<string, unknown>, expiresIn?: number): Promise<void>;
    find(id: string): Promise<Record<string, unknown> | undefined>;
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>;
    findByUserCode(userCode: string): Promise<Record<string, unknown> | undefined>;
    consume(id: string): Promise<void>;
    destroy(id: string): Promise<void>;
    revokeByGrantId(grantId: string): Promise<void>;
  }

  export interface OidcContext {
    readonly req: IncomingMessage;
    type: string;
    body: unknown;
    readonly oidc: {
      readonly route: string;
      readonly params?: Readonly<Record<string, string | undefined>>;
      readonly result?: Readonly<Record<string, unknown>>;
      readonly entities?: Readonly<Partial<Record<'AuthorizationCode' | 'RefreshToken', { readonly scope?: string }>>>;
      readonly client?: { readonly clientId: string };
    };
  }

  export interface Interaction {
    readonly uid: string;
    readonly params: Readonly<Record<string, string | undefined>>;
    readonly prompt: { readonly name: string };
    /** Where the browser goes after the answer. */
    readonly returnTo: string;
    /** The answer, once it was given. */
    readonly result?: Readonly<Record<string, unknown>>;
  }

  export interface Grant {
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly issuer: string;
    proxy: boolean;
    callback(): RequestListener;
    on(event: string, listener: (...values: never[]) => void): void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionResult(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<string>;
    readonly Grant: { new (input: { readonly accountId: string; readonly clientId: string }): Grant };
  }

  export namespace errors {
    class InvalidGrant extends Error {
      constructor(detail: string);
    }
    class InvalidScope extends Error {
      constructor(description: string, scope: string);
    }
    class InvalidTarget extends Error {
      constructor(description?: string);
    }
    class SessionNotFound extends Error {}
  }

  export namespace interactionPolicy {
    class Prompt {
      constructor(info: { readonly name: string; readonly requestable: boolean }, ...checks: readonly Check[]);
    }
    class Check {
      constructor(reason: string, description: string, check: (ctx: OidcContext) => boolean | Promise<boolean>);
      static readonly REQUEST_PROMPT: true;
      static readonly NO_NEED_TO_PROMPT: false;
    }
    class DefaultPolicy extends Array<Prompt> {}
  }
}

import * as z from 'zod';
import { Instant } from './common.ts';

/** A grant of a customer: the id of the consent. */
export const SubscriptionId = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, 'not an id of a subscription');
/** A usage point as this recipient knows it. */
const PointName = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'not an id of a usage point');

export const SubscriptionPath = z.strictObject({ subscription: SubscriptionId });
export const PointPath = z.strictObject({ subscription: SubscriptionId, point: PointName });
export const ReadingPath = z.strictObject({
  subscription: SubscriptionId,
  point: PointName,
  reading: z.string().regex(/^(import|export)-Wh-(month|day|hour|interval(-\d{1,2})?)$/),
});
export const SandboxPath = z.strictObject({ subscription: z.string().regex(/^[a-z-]{3,40}$/) });
export const UidPath = z.strictObject({ uid: z.string().regex(/^[A-Za-z0-9_-]{20,64}$/) });

/** What of the window: half-open, whole days of the usage point where the resolution is a day or a month. */
export const PullQuery = z.strictObject({
  'published-min': Instant.optional(),
  'published-max': Instant.optional(),
  resolution: z.enum(['month', 'day', 'hour', 'interval']).optional(),
  cursor: z.string().max(512).optional(),
});
export type PullQuery = z.infer<typeof PullQuery>;

export const AuthorizeQuery = z.strictObject({ client_id: z.string(), request_uri: z.string() });

/** Read by the authorization server itself. */
export const OAuthForm = z.string();
export const OAuthAnswer = z.unknown();
export const EspiFeed = z.unknown();

export const Webhook = z.strictObject({
  url: z.string().max(500),
  types: z.array(z.string().regex(/^joulekeep\.third-party\.[a-z-]+\.v\d+$/)).max(20),
  /** PEM of the one authority that its certificate comes from; those that everybody trusts where absent. */
  ca: z.string().max(8192).optional(),
});
export type Webhook = z.infer<typeof Webhook>;

/** What is on record about the caller. */
export const Application = z.object({
  clientId: z.string(),
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  redirectUris: z.array(z.string()),
  /** Fingerprints, SHA-256 of the DER in hex. */
  certificates: z.array(z.string()),
});
export type Application = z.infer<typeof Application>;

export const SandboxRequest = z.strictObject({ name: z.string().min(1).max(80) });
export const SandboxClient = z.object({
  clientId: z.string(),
  accessToken: z.string(),
  resourceUri: z.string(),
  subscriptions: z.array(z.string()),
});

import type { APIGatewayProxyEvent } from 'aws-lambda';

/** A customer who proved who they are. */
export interface SignedInCustomer {
  /** Account of the customer. */
  readonly account: string;
  /** When, UTC ms. */
  readonly authTime: number;
  /** How, e.g. `passkey`. */
  readonly method: string;
}

/** Who is signed in at the customers' door. What is agreed to is agreed to by this customer and by nobody else. */
export interface CustomerSignIn {
  /** @returns undefined where nobody is: then nothing is shown and nothing can be agreed to */
  signedIn(event: APIGatewayProxyEvent): Promise<SignedInCustomer | undefined>;
}

/** Where customers have no way to sign in yet, nobody is. */
export const NOBODY_SIGNED_IN: CustomerSignIn = { signedIn: async () => undefined };

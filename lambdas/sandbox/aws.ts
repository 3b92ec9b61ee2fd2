import { makeSandbox } from './handler.ts';

export const handler = makeSandbox();

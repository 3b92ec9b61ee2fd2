#!/usr/bin/env node
import { keepCompiledCode } from './terminal/compiled-code.ts';

keepCompiledCode();
const { run } = await import('./terminal/run.ts');
await run();

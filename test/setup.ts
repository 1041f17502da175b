import { mendJsonParse } from '../src/kernel/json-parse.ts';

// As cli/main.ts begins.
mendJsonParse();

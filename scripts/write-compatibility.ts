// Writes docs/compatibility.md from test/conformance/requirements.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compatibilityDocument } from '../test/conformance/compatibility-document.ts';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
writeFileSync('docs/compatibility.md', await compatibilityDocument());

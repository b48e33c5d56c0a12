// Writes docs/compatibility.md and its companions from test/conformance/requirements.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compatibilityDocument, PAGES } from '../test/conformance/compatibility-document.ts';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
for (const page of PAGES) writeFileSync(page.path, await compatibilityDocument(page));

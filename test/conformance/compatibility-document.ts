import { format, resolveConfig } from 'prettier';
import { SECTIONS } from './requirements.ts';
import type { Requirement, Section, Verdict } from './requirements/requirement.ts';

const INTRODUCTION = `# Compatibility with the OpenAI API

What this service does with each field and behaviour of \`POST /v1/chat/completions\`, and the endpoints beside it. Three
things can happen to a field:

- **supported**: it has the effect that OpenAI describes, or the one told here where OpenAI has nothing like it;
- **refused**: an error, for a field status 400 whose \`param\` names it, because ignoring it would change what the client
  gets;
- **ignored and named**: it is accepted, has no effect, and stands in the response header \`x-claude-code-ignored\` (a
  comma-separated list, some entries with a reason in parentheses; other than printable ASCII is percent-encoded, and a
  long list ends with \`(and more)\`). \`claude.strict_parameters = true\` refuses these too.

This document is written by \`npm run compatibility\` from \`test/conformance/requirements\`, where each row has its source
and the tests that prove it.
`;

const HEADINGS: Readonly<Record<Verdict, string>> = {
  supported: 'Supported',
  refused: 'Refused',
  'ignored and named': 'Ignored and named',
};

/** docs/compatibility.md as the requirements give it. */
export async function compatibilityDocument(): Promise<string> {
  const path = 'docs/compatibility.md';
  const options = await resolveConfig(path);
  return format([INTRODUCTION, ...SECTIONS.map(sectionText)].join('\n'), {
    ...options,
    filepath: path,
    proseWrap: 'always',
  });
}

function sectionText({ title, introduction, remarks, isByVerdict, requirements }: Section): string {
  const rows = isByVerdict
    ? (Object.keys(HEADINGS) as Verdict[]).map((verdict) => verdictText(verdict, requirements))
    : [requirements.map((requirement) => rowText(requirement, requirement.verdict === 'supported')).join('')];
  return [`## ${title}`, introduction, ...rows, remarks].filter((text) => text).join('\n\n') + '\n';
}

function verdictText(verdict: Verdict, requirements: readonly Requirement[]): string {
  const rows = requirements.filter((requirement) => requirement.verdict === verdict);
  return rows.length === 0 ? '' : `### ${HEADINGS[verdict]}\n\n${rows.map((row) => rowText(row, true)).join('')}`;
}

function rowText({ name, how, verdict }: Requirement, isVerdictClear: boolean): string {
  const said = [isVerdictClear ? '' : verdict, how ?? ''].filter((text) => text !== '').join('; ');
  return said === '' ? `- ${name}\n` : `- ${name} — ${said}\n`;
}

import { format, resolveConfig } from 'prettier';
import { SECTIONS } from './requirements.ts';
import { RESPONSES_SECTIONS } from './requirements/responses-door.ts';
import type { Requirement, Section, Verdict } from './requirements/requirement.ts';

const INTRODUCTION = `# Compatibility with the OpenAI API

This page lists the fields and behaviours of \`POST /v1/chat/completions\` and of the other endpoints. A field is supported,
refused or ignored:

- **supported** (every row without a mark): it has the effect that OpenAI describes, or, if OpenAI has no such field, the
  effect described here;
- **refused**: the request fails with the error of the row. For a field this is status 400, and \`param\` names the field;
- **ignored**: the request succeeds, the field has no effect, and the response header \`x-claude-code-ignored\` names it.
  With \`claude.strict_parameters = true\` such fields are refused: 400 \`unsupported_parameter\`.

The header \`x-claude-code-ignored\` is a comma-separated list. An entry can have a reason in parentheses. Characters
other than printable ASCII are percent-encoded. A long list ends with \`(and more)\`.

\`npm run compatibility\` writes this page from \`test/conformance/requirements\`, where each row has its source and the
tests that prove it.
`;

const RESPONSES_INTRODUCTION = `# Compatibility with the Responses API

This page lists the fields and behaviours of \`POST /v1/responses\` and of the responses that are stored. The verdicts are those of
[compatibility.md](compatibility.md): supported (without a mark), refused, ignored and named in \`x-claude-code-ignored\`.

\`npm run compatibility\` writes this page from \`test/conformance/requirements/responses-door.ts\`.
`;

/** A page of docs that is written from requirements. */
export interface CompatibilityPage {
  readonly path: string;
  readonly introduction: string;
  readonly sections: readonly Section[];
}

export const PAGES: readonly CompatibilityPage[] = [
  { path: 'docs/compatibility.md', introduction: INTRODUCTION, sections: SECTIONS },
  { path: 'docs/compatibility-responses.md', introduction: RESPONSES_INTRODUCTION, sections: RESPONSES_SECTIONS },
];

const HEADINGS: Readonly<Record<Verdict, string>> = {
  supported: 'Supported',
  refused: 'Refused',
  ignored: 'Ignored and named in the header',
};

/** The text of a page, from its requirements. */
export async function compatibilityDocument({ path, introduction, sections }: CompatibilityPage): Promise<string> {
  const options = await resolveConfig(path);
  return format([introduction, ...sections.map(sectionText)].join('\n'), {
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

/** A row of the list; it begins with its verdict unless a heading gives that. */
function rowText({ name, how, verdict }: Requirement, isVerdictClear: boolean): string {
  const mark = isVerdictClear ? '' : `**${verdict}**`;
  const details = [mark, how ?? ''].filter((text) => text !== '').join(': ');
  return details === '' ? `- ${name}\n` : `- ${name} — ${details}\n`;
}

import { ANSWERS } from './requirements/answers.ts';
import { CLIENTS } from './requirements/clients.ts';
import { CLIENT_FORMS } from './requirements/client-forms.ts';
import { COMPLETIONS } from './requirements/completions.ts';
import { CONVERSATIONS } from './requirements/conversations.ts';
import { ERRORS } from './requirements/errors.ts';
import { FIELDS } from './requirements/fields.ts';
import { MEDIA_SECTION } from './requirements/media.ts';
import { MESSAGES } from './requirements/messages.ts';
import type { Requirement, Section } from './requirements/requirement.ts';
import { RESPONSES_SECTIONS } from './requirements/responses-door.ts';
import { SERVICE } from './requirements/service.ts';
import { STRUCTURED_OUTPUT } from './requirements/structured-output.ts';
import { TOOLS } from './requirements/tools.ts';

/** What docs/compatibility.md consists of, in its order; see test/conformance/requirements/requirement.ts. */
export const SECTIONS: readonly Section[] = [
  FIELDS,
  MESSAGES,
  MEDIA_SECTION,
  TOOLS,
  CLIENT_FORMS,
  STRUCTURED_OUTPUT,
  CONVERSATIONS,
  ANSWERS,
  COMPLETIONS,
  SERVICE,
  ERRORS,
  CLIENTS,
];

export const REQUIREMENTS: readonly Requirement[] = [...SECTIONS, ...RESPONSES_SECTIONS].flatMap(
  ({ requirements }) => requirements,
);

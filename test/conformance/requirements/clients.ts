import type { Section } from './requirement.ts';

export const CLIENTS: Section = { title: 'Client libraries', requirements: [] };

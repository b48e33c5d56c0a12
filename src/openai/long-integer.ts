import { z } from 'zod';

/** OpenAI's integers of 64 bits, which JSON gives as the number that is next to them. */
export const longInteger = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 63)
  .refine(Number.isInteger, 'must be an integer');

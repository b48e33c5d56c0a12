import { CanBeAbsent, IsOneOf, IsText, IsWholeText } from '../../common/body/field-validators.ts';

/** The query of a list: which page of it. */
export class PageQuery {
  /** The id of the last entry of the page before. */
  @CanBeAbsent() @IsText({ min: 1, max: 200 }) readonly after?: string;
  @IsWholeText({ min: 1, max: 100 }) readonly limit: number = 20;
  @IsOneOf(['asc', 'desc']) readonly order: 'asc' | 'desc' = 'desc';
}

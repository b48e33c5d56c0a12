import { listOf } from '../../common/body/bounded-schemas.ts';
import { CanBeAbsent, CanBeAbsentOrNull, CanBeNull, IsReadBy, IsText } from '../../common/body/field-validators.ts';
import { IsMetadata, type Metadata } from './metadata.ts';
import { itemSchema, type InputItem } from './item-schema.ts';

/** Of one request, as OpenAI has it. */
const MAX_ITEMS = 20;

/** The body of `POST /v1/conversations`. `model` and `system` are ours. */
export class CreateConversationBody {
  @CanBeAbsentOrNull() @IsMetadata() readonly metadata?: Metadata | null;
  @CanBeAbsent() @IsReadBy(listOf(itemSchema, { max: MAX_ITEMS }).nullable()) readonly items?: InputItem[] | null;
  @CanBeAbsentOrNull() @IsText({ min: 1 }) readonly model?: string | null;
  @CanBeAbsentOrNull() @IsText() readonly system?: string | null;
}

/** The body of `POST /v1/conversations/{id}`. */
export class UpdateConversationBody {
  @CanBeNull() @IsMetadata() readonly metadata!: Metadata | null;
}

/** The body of `POST /v1/conversations/{id}/items`. */
export class CreateItemsBody {
  @IsReadBy(listOf(itemSchema, { min: 1, max: MAX_ITEMS })) readonly items!: InputItem[];
}

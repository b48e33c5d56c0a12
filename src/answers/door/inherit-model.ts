/**
 * The body with the model of the conversation that it continues, if it names none itself; otherwise the same body. As
 * everywhere, null stands for a field that is absent.
 */
export function inheritModel(body: unknown, model: string | undefined): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || model === undefined) return body;
  const isNamed = 'model' in body && body.model !== null;
  return isNamed ? body : { ...body, model };
}

/** Whether a value is the origin of a web page or web server, without a default port. */
export function isOrigin(value: string): boolean {
  return /^https?:[^*]*$/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

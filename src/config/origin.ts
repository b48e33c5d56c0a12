/** Whether a value is the origin of a web page or a web server, with a port if it is not the usual one. */
export function isOrigin(value: string): boolean {
  return /^https?:[^*]*$/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

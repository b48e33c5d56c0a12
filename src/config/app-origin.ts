/** An application's own scheme and a host, as in `app://obsidian.md` or `chrome-extension://<id>`. */
const APP_ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/[\w.-]+(?::\d{1,5})?$/;

/** Schemes whose pages have another kind of origin, or none. */
const OTHER_SCHEMES = new Set(['http', 'https', 'ws', 'wss', 'ftp', 'file', 'data', 'blob', 'javascript']);

/** Whether a value is the origin of a desktop or mobile application, or of a browser extension. */
export function isAppOrigin(value: string): boolean {
  const scheme = APP_ORIGIN.exec(value)?.[1];
  return scheme !== undefined && !OTHER_SCHEMES.has(scheme);
}

/**
 * The target of a request as a path with its query, the only form that Express can read: a proxy may send the whole URL,
 * and some clients send the fragment.
 */
export function originForm(target: string): string {
  const fragment = target.indexOf('#');
  const withoutFragment = fragment === -1 ? target : target.slice(0, fragment);
  if (withoutFragment.startsWith('/')) return withoutFragment;
  const behindAuthority = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*(.*)$/is.exec(withoutFragment)?.[1] ?? `/${withoutFragment}`;
  return behindAuthority.startsWith('/') ? behindAuthority : `/${behindAuthority}`;
}

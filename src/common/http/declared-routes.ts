import { Injectable, RequestMethod, type OnModuleInit, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { pathToRegexp } from 'path-to-regexp';

interface Route {
  readonly method: string;
  readonly path: RegExp;
}

/**
 * The routes of all controllers, as their decorators declare them. The application has no global prefix and no versions.
 */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  private routes: readonly Route[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    this.routes = this.discovery.getControllers().flatMap(({ metatype }) => this.routesOf(metatype as Type));
  }

  /** The methods of a path, in the order of its routes; none if no route has the path. */
  methodsOf(path: string): string[] {
    const methods = this.routes.filter((route) => route.path.test(path)).map(({ method }) => method);
    return [...new Set(methods)];
  }

  private routesOf(controller: Type): Route[] {
    const prototype = controller.prototype as Record<string, () => unknown>;
    const prefixes = this.pathsOf(controller);
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name] as () => unknown;
      const method = this.reflector.get<RequestMethod | undefined>(METHOD_METADATA, handler);
      if (method === undefined) return [];
      const paths = prefixes.flatMap((prefix) => this.pathsOf(handler).map((path) => join(prefix, path)));
      return paths.map((path) => ({ method: RequestMethod[method], path: toPattern(path) }));
    });
  }

  private pathsOf(target: Type | (() => unknown)): string[] {
    const paths = this.reflector.get<string | string[]>(PATH_METADATA, target);
    return Array.isArray(paths) ? paths : [paths];
  }
}

function join(...parts: readonly string[]): string {
  return `/${parts.flatMap((part) => part.split('/').filter(Boolean)).join('/')}`;
}

/** Case-sensitive, as the router of `BoundedServerAdapter` is. */
function toPattern(path: string): RegExp {
  return pathToRegexp(path, { sensitive: true }).regexp;
}
